"""What the language means but no plan exists for yet: said at the place, never guessed."""

from __future__ import annotations

from collections.abc import Iterator

from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Problems
from featdsl.ir.expr import Ago, Via
from featdsl.ir.lookups import joins_by_lookups
from featdsl.ir.program import Group, Program
from featdsl.ir.refs import (
    groups_behind,
    relation_expressions,
    row_aggregates,
)
from featdsl.ir.relations import is_events
from featdsl.ir.visit import walk
from featdsl.text.span import Span


def by_lookups(program: Program, name: str) -> bool:
    """Whether rows are joined by what they look up before their time.

    Of such a join it cannot be checked that it finds one row only, at any time.
    """
    return joins_by_lookups(program, name) is not None


def check_supported(program: Program, problems: Problems) -> None:
    """Report joins and features of data sets of which it cannot be told whether one row is read."""
    for what, span in _unplanned(program):
        problems.report(
            catalog.NOT_SUPPORTED.at(
                span,
                f"{what}, whose rows are joined before their time by what they look up: "
                "not yet supported",
            )
        )


def _unplanned(program: Program) -> Iterator[tuple[str, Span]]:
    """Readers at any time of rows that are joined, ahead of their time, by what they look up."""
    for view in program.views.values():
        for join in view.joins:
            if not is_events(program, join.source) and by_lookups(program, join.source):
                yield f"a join of `{program.relation(join.source).short}`", join.span
    for dataset in program.datasets.values():
        for column in dataset.columns:
            if column.feature is not None and _reads_columns(program, column.feature):
                yield f"`{column.feature}` in a data set", column.span
    for node in _asked_elsewhere(program):
        if _reads_columns(program, node.feature):
            yield f"`{node.feature}`", node.span


def _asked_elsewhere(program: Program) -> Iterator[Via | Ago]:
    """Features that are read of other things, or of other times."""
    expressions = [f.expr for g in program.groups.values() for f in g.members.values()]
    for view in program.views.values():
        expressions += relation_expressions(program, view.name)
    for expression in expressions:
        yield from (n for n in walk(expression) if isinstance(n, Via | Ago))


def _reads_columns(program: Program, feature: str) -> bool:
    """Whether a feature reads rows at any time, and they depend on it.

    Features with windows read a row after its time only.
    """
    groups = groups_behind(program, [feature.rpartition(".")[0]])
    return any(_reads_at_t(program, group) for group in groups)


def _reads_at_t(program: Program, group: Group) -> bool:
    if group.relation is None or not by_lookups(program, group.relation):
        return False
    return any(a.window is None for f in group.members.values() for a in row_aggregates(f.expr))
