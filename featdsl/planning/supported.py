"""What the language means but no plan exists for yet: said at the place, never guessed."""

from __future__ import annotations

from collections.abc import Iterator

from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Problems
from featdsl.ir.expr import Ago, Via
from featdsl.ir.program import Group, Program, Source
from featdsl.ir.refs import (
    features_named,
    groups_behind,
    relation_expressions,
    row_aggregates,
)
from featdsl.ir.relations import is_ahead, is_events
from featdsl.ir.visit import walk
from featdsl.text.span import Span


def check_supported(program: Program, problems: Problems) -> None:
    """Report joins, populations, and features of data sets, that cannot be planned."""
    for what, span in _unplanned(program):
        problems.report(
            catalog.NOT_SUPPORTED.at(
                span,
                f"{what}, whose rows are made before their time and read whenever that is: "
                "not yet supported",
            )
        )


def _unplanned(program: Program) -> Iterator[tuple[str, Span]]:
    """Readers at many times of rows that depend on the as-of time beside their own."""
    for view in program.views.values():
        for join in view.joins:
            if not is_events(program, join.source) and looks_at_t(program, join.source):
                yield f"a join of `{program.relation(join.source).short}`", join.span
    for entity in program.entities.values():
        if entity.population is not None and looks_at_t(program, entity.population):
            short = program.relation(entity.population).short
            yield f"a population from `{short}`", entity.name_span
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
    if group.relation is None or not looks_at_t(program, group.relation):
        return False
    return any(a.window is None for f in group.members.values() for a in row_aggregates(f.expr))


def looks_at_t(program: Program, name: str) -> bool:
    """Whether what a row looks up in features depends on the as-of time beside the row's own.

    A row that may be seen ahead of its time looks up what is known at t until then.
    """
    relation = program.relation(name)
    if isinstance(relation, Source):
        return False
    own = [let.value for let in relation.lets]
    own += [] if relation.where is None else [relation.where]
    if is_ahead(program, name) and any(True for e in own for _ in features_named(e)):
        return True
    return any(looks_at_t(program, left) for left in relation.lefts)
