"""`allow "slug" because "…"`: warnings that a declaration takes upon itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Diagnostic, Severity
from featdsl.semantics.references import walk
from featdsl.syntax import nodes
from featdsl.text.span import Span


@dataclass(slots=True)
class _Region:
    """Warnings of ``slug`` inside ``span`` are allowed."""

    slug: str
    span: Span
    place: Span
    used: bool = False

    def covers(self, diagnostic: Diagnostic) -> bool:
        at = None if diagnostic.primary is None else diagnostic.primary.span
        return (
            at is not None
            and diagnostic.code.slug == self.slug
            and at.source == self.span.source
            and self.span.start <= at.start
            and at.end <= self.span.end
        )


def apply_allows(
    diagnostics: Iterable[Diagnostic],
    modules: Sequence[nodes.Module],
    idle: Collection[str] = (),
) -> list[Diagnostic]:
    """Leave out the warnings that a declaration around them allows; report idle allowances.

    An allowance holds for all of the declaration it stands in: that of a group for its features.
    Rules that are `idle` were not asked, so that nothing is known of theirs.
    """
    regions = [r for m in modules for r in _regions(m)]
    kept: list[Diagnostic] = []
    said = list(diagnostics)
    found = _covering(said, regions)
    for number, diagnostic in enumerate(said):
        covering = found.get(number, [])
        if diagnostic.severity is Severity.WARNING and covering:
            for region in covering:
                region.used = True
        else:
            kept.append(diagnostic)
    kept += [
        catalog.UNUSED_ALLOW.at(r.place, f'`allow "{r.slug}"` has nothing to allow').help(
            "remove it"
        )
        for r in regions
        if not r.used and r.slug not in idle
    ]
    return kept


def _covering(said: Sequence[Diagnostic], regions: Sequence[_Region]) -> dict[int, list[_Region]]:
    """The regions around each diagnostic, by its number; regions hold or miss each other."""
    found: dict[int, list[_Region]] = {}
    places: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for number, diagnostic in enumerate(said):
        if diagnostic.primary is not None:
            at = diagnostic.primary.span
            places.setdefault((diagnostic.code.slug, at.source), []).append((at.start, number))
    waiting: dict[tuple[str, str], list[_Region]] = {}
    for region in regions:
        waiting.setdefault((region.slug, region.span.source), []).append(region)
    for key in places.keys() & waiting.keys():
        inside = sorted(waiting[key], key=lambda r: (r.span.start, -r.span.end), reverse=True)
        around: list[_Region] = []
        for start, number in sorted(places[key]):
            while inside and inside[-1].span.start <= start:
                around = [r for r in around if r.span.end > inside[-1].span.start]
                around.append(inside.pop())
            around = [r for r in around if r.span.end > start]
            covering = [r for r in around if r.covers(said[number])]
            if covering:
                found[number] = covering
    return found


def _regions(module: nodes.Module) -> Iterator[_Region]:
    slugs = catalog.warning_slugs()
    for decl in module.decls:
        for at in _declarations(decl):
            for allow in at.allows:
                if allow.slug.value in slugs:
                    yield _Region(allow.slug.value, at.span, allow.span)


def _declarations(
    decl: nodes.Decl,
) -> Iterator[nodes.Decl | nodes.FeatureDecl | nodes.ForDecl]:
    yield decl
    if isinstance(decl, nodes.FeaturesDecl | nodes.LabelsDecl | nodes.TemplateDecl):
        for at in walk(decl):
            if isinstance(at, nodes.FeatureDecl | nodes.ForDecl):
                yield at
