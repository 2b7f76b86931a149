"""Joins by what rows look up before their time: the right side has to say that it has one row."""

from __future__ import annotations

from collections.abc import Iterator

from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Problems
from featdsl.ir.expr import Ago, Via
from featdsl.ir.lookups import joins_by_lookups
from featdsl.ir.program import Join, Program
from featdsl.ir.refs import groups_behind, relation_expressions, row_aggregates
from featdsl.ir.relations import is_events
from featdsl.ir.visit import walk
from featdsl.text.span import Span


def check_joined_ahead(program: Program, problems: Problems) -> None:
    """Report joins that might find several rows at a moment, where rows are read at any.

    What is looked up ahead of a row's time may change at every moment: the data cannot be checked
    at all of them, so that the right side has to say that it has one row.
    """
    told: list[Join] = []
    for relation, span in _readers(program):
        join = joins_by_lookups(program, relation)
        if join is None or any(join is other for other in told):
            continue
        told.append(join)
        right = program.relation(join.source)
        columns = ", ".join(dict.fromkeys(c for _, c in join.on))
        problems.report(
            catalog.JOINED_BY_LOOKUPS.at(
                join.span,
                "rows that may be seen before their time are joined by what they look up, which "
                f"may be several rows of `{right.short}` at any moment",
            )
            .because(span, "read here without a window, so also before their time")
            .because(right.name_span, "nothing says that it has one row for each value")
            .help(f"say what tells its rows apart, where that is so: `key {columns}`")
            .help("or read the rows in a window, or `join many`")
        )


def _readers(program: Program) -> Iterator[tuple[str, Span]]:
    """Relations whose rows are read at any time, ahead of their own too, and where."""
    for view in program.views.values():
        for join in view.joins:
            if not is_events(program, join.source):
                yield join.source, join.span
    for dataset in program.datasets.values():
        for column in dataset.columns:
            if column.feature is not None:
                yield from ((r, column.span) for r in _read_bare(program, column.feature))
    for node in _asked_elsewhere(program):
        yield from ((r, node.span) for r in _read_bare(program, node.feature))


def _asked_elsewhere(program: Program) -> Iterator[Via | Ago]:
    """Features that are read of other things, or of other times."""
    expressions = [f.expr for g in program.groups.values() for f in g.members.values()]
    for view in program.views.values():
        expressions += relation_expressions(program, view.name)
    for expression in expressions:
        yield from (n for n in walk(expression) if isinstance(n, Via | Ago))


def _read_bare(program: Program, feature: str) -> Iterator[str]:
    """Relations of which a feature reads rows at any time.

    Features with windows read a row after its time only.
    """
    for group in groups_behind(program, [feature.rpartition(".")[0]]):
        read = (a for f in group.members.values() for a in row_aggregates(f.expr))
        if group.relation is not None and any(a.window is None for a in read):
            yield group.relation
