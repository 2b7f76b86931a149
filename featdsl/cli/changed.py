"""The selector ``changed:``: what is other than what is published, or than in a manifest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from featdsl.diagnostics import catalog
from featdsl.diagnostics.failure import Failure

if TYPE_CHECKING:
    from featdsl.cli.work import Work
    from featdsl.impact.declared import Declared

WORD = "changed:"


def expanded(
    work: Work, selectors: Iterable[str] | None, *, whole: bool = False
) -> list[str] | None:
    """Selectors with names of features in place of ``changed:``; ``+`` before and behind holds.

    With ``whole`` all features of a group of which something changed: a set is published whole.

    Raises:
        Failure: nothing changed, or the manifest that is named cannot be read.
    """
    if selectors is None:
        return None
    found: list[str] = []
    for text in selectors:
        bare = text.strip().removeprefix("+")
        found += _named(work, text.strip(), whole=whole) if bare.startswith(WORD) else [text]
    return found


def _named(work: Work, text: str, *, whole: bool) -> Iterator[str]:
    from featdsl.impact.compare import Kind, compare
    from featdsl.impact.cost import groups_hit
    from featdsl.impact.declared import declared

    before, after = ("+" if text.startswith("+") else ""), ("+" if text.endswith("+") else "")
    file = text.removeprefix("+").removesuffix("+").removeprefix(WORD)
    program = work.compilation.program
    was, _, what = compared_with(work, Path(file) if file else None)
    impact = compare(was, declared(work.compilation.manifest(sentences=False)))
    names = [c.name for c in impact.features if c.kind in (Kind.ADDED, Kind.CHANGED, Kind.RENAMED)]
    if whole:
        groups = [program.groups[g] for g in groups_hit(impact, program)]
        every = [f for g in groups for f in g.features.values()]
        names = [f.name for f in every if not f.meta.private]
    names = [n for n in names if any(n in g.features for g in program.groups.values())]
    if not names:
        message = f"selector `{text}` matches no feature"
        raise Failure(catalog.NO_MATCH.general(message).note(f"nothing differs from {what}"))
    yield from (f"{before}{name}{after}" for name in names)


def compared_with(work: Work, against: Path | None) -> tuple[Declared, dict[str, str], str]:
    """What to compare with; sets of which nobody can say what they mean; what it is, in words."""
    from featdsl.impact.declared import declared_in, published
    from featdsl.runs.failures import told
    from featdsl.store.current import Space

    if against is not None:
        return declared_in(against), {}, f"`{against}`"
    name = work.project.target_name
    with told():
        found = published(work.project.target_dir, Space(target=name))
    return found.declared, dict(found.lost), f"what is published in `{name}`"
