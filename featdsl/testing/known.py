"""What the rows of a test say of all of it: which keys exist, up to when labels are known."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from featdsl.ir.program import Entity, Group, Program, Test, View
from featdsl.planning.rows import seen_from
from featdsl.types.duration import Duration


def decides_keys(program: Program, test: Test, entity: Entity) -> bool:
    """Whether the entity's population says which keys exist: one that is not given does not."""
    population = entity.population
    if population is None:
        return True
    return population in test.given or program.root(population).name in test.given


def given_relation(program: Program, test: Test, name: str) -> str:
    """The source or view whose given rows a relation is made of: itself, or what it is from."""
    relation = program.relation(name)
    while name not in test.given and isinstance(relation, View):
        name = relation.left
        relation = program.relation(name)
    return name


def view_untils(program: Program, test: Test, groups: Iterable[Group]) -> dict[str, datetime]:
    """By source, up to when labels over given views are known: the source itself has no rows."""
    found: dict[str, datetime] = {}
    for group in groups:
        given = given_relation(program, test, group.relation)
        until = known_until(program, test, given)
        if given in program.views and until is not None:
            source = program.root(given).name
            found[source] = max(until, found.get(source, until))
    return found


def known_until(program: Program, test: Test, relation: str) -> datetime | None:
    """The largest time at which a given row of a source or view can be seen.

    None where no row is given, or none has a time. Rows of a view are what is left of its
    source's rows: columns that the test leaves out limit nothing.
    """
    rows = test.given.get(relation)
    if rows is None:
        return None
    starts = [
        (rows.columns.index(column), delay)
        for column, delay in seen_from(program.root(relation))
        if column in rows.columns
    ]
    seen = [_latest([(row[i], delay) for i, delay in starts]) for row in rows.cells]
    return max((t for t in seen if t is not None), default=None)


def _latest(starts: list[tuple[object, Duration | None]]) -> datetime | None:
    times = [
        value if delay is None else delay.later(value)
        for value, delay in starts
        if isinstance(value, datetime)
    ]
    return max(times) if times and len(times) == len(starts) else None
