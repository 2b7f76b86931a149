"""What lint rules read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from featdsl.ir import expr as ir
from featdsl.ir.expectation import Expectation
from featdsl.ir.program import Feature, Group
from featdsl.ir.visit import keys_written, walk
from featdsl.semantics.project import Known
from featdsl.semantics.report import Report
from featdsl.semantics.scope import Scopes


@dataclass(frozen=True, slots=True)
class Subject:
    """The project after the passes; ``whole`` is False where something has an error."""

    scopes: Scopes
    known: Known
    report: Report
    whole: bool

    def features(self) -> Iterator[tuple[Group, Feature]]:
        for group in self.known.groups.values():
            for feature in group.members.values():
                yield group, feature

    def members(self) -> Iterator[tuple[Group, Feature]]:
        """Features, then labels."""
        yield from self.features()
        for group in self.known.labels.values():
            for label in group.features.values():
                yield group, label

    def expressions(self) -> Iterator[ir.Expr]:
        """Every expression that values rest on, and what is expected of them."""
        known = self.known
        for source in known.sources.values():
            yield from (d.condition for d in source.drops)
            if source.keep is not None and source.keep.removed_when is not None:
                yield source.keep.removed_when
            yield from _expected(source.expectations)
        for view in known.views.values():
            yield from (let.value for let in view.lets)
            yield from () if view.where is None else (view.where,)
            for join in view.joins:
                yield from (left for left, _ in join.on)
                yield from () if join.residual is None else (join.residual,)
            yield from _expected(view.expectations)
        for _, member in self.members():
            yield member.expr
            yield from _expected(member.expectations)
        for group in known.groups.values():
            yield from _expected(group.expectations)
        for dataset in known.datasets.values():
            yield from _expected(dataset.expectations)

    def conditions(self) -> Iterator[ir.Expr]:
        """Every expression of which truth is asked: a null in it counts as false."""
        for view in self.known.views.values():
            if view.where is not None:
                yield view.where
            for let in view.lets:
                yield from _asked(let.value)
        for source in self.known.sources.values():
            yield from (d.condition for d in source.drops)
        for _, feature in self.members():
            yield from _asked(feature.expr)


def _expected(expectations: Iterable[Expectation]) -> Iterator[ir.Expr]:
    return (e.condition for e in expectations if e.condition is not None)


Rule = Callable[[Subject], None]


def _asked(e: ir.Expr) -> Iterator[ir.Expr]:
    for at in walk(e):
        if isinstance(at, ir.Aggregate):
            groups = None if at.groups is None else keys_written(at).groups
            asked = None if groups is None else groups.where
            yield from (c for c in (at.where, at.after, asked) if c is not None)
        elif isinstance(at, ir.Conditional):
            yield from (c for c, _ in at.branches)
