"""What the rows of a test say of all of it: which keys exist, up to when labels are known."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from featdsl.ir.program import Entity, Group, Program, Rows, Test, View
from featdsl.ir.relations import roots
from featdsl.planning.visible import own_starts, seen_from
from featdsl.types.duration import Duration


def decides_keys(program: Program, test: Test, entity: Entity) -> bool:
    """Whether the entity's population says which keys exist: one that is not given does not."""
    population = entity.population
    if population is None:
        return True
    return population in test.given or any(s.name in test.given for s in roots(program, population))


def unlisted_entities(program: Program, test: Test) -> list[str]:
    """Entities whose population does not say which keys exist."""
    return [n for n, e in program.entities.items() if not decides_keys(program, test, e)]


def given_relation(program: Program, test: Test, name: str) -> str:
    """The source or view whose given rows a relation is made of: itself, or what it is from.

    A union that is not given is made of several: it is named itself.
    """
    relation = program.relation(name)
    while name not in test.given and isinstance(relation, View) and not relation.is_union:
        name = relation.left
        relation = program.relation(name)
    return name


def view_untils(program: Program, test: Test, groups: Iterable[Group]) -> dict[str, datetime]:
    """By source, up to when labels over given views are known: the source itself has no rows."""
    found: dict[str, datetime] = {}
    for group in groups:
        if group.relation is None:
            continue
        given = given_relation(program, test, group.relation)
        for one in _given_below(program, test, given):
            until = known_until(program, test, one)
            if one in program.views and until is not None:
                for source in roots(program, one):
                    found[source.name] = max(until, found.get(source.name, until))
    return found


def _given_below(program: Program, test: Test, name: str) -> list[str]:
    """The relations whose given rows a relation is made of."""
    relation = program.relation(name)
    if name in test.given or not isinstance(relation, View):
        return [name]
    return [r for left in relation.lefts for r in _given_below(program, test, left)]


def known_until(program: Program, test: Test, relation: str) -> datetime | None:
    """The largest time at which a given row of a source or view can be seen.

    None where no row is given, or none has a time. Rows of a view are what is left of its
    source's rows: columns that the test leaves out limit nothing.
    """
    rows = test.given.get(relation)
    if rows is None:
        declared = program.relation(relation)
        lefts = declared.lefts if isinstance(declared, View) else ()
        times = [known_until(program, test, left) for left in lefts]
        return max((t for t in times if t is not None), default=None)
    root = program.root(relation)
    starts = seen_from(root)
    if root.snapshot is None or relation != root.name:
        return max((t for t in _seen(rows, starts) if t is not None), default=None)
    # A snapshot is seen when all of its rows are: never, where one is not.
    own = own_starts(root)
    whole: dict[object, list[datetime | None]] = {}
    shared = _seen(rows, tuple(s for s in starts if s not in own))
    taken = rows.columns.index(root.snapshot.column)
    for row, time in zip(rows.cells, shared, strict=True):
        whole.setdefault(row[taken], []).append(time)
    alone = _seen(rows, own) if own else [None] * len(rows.cells)
    found: list[datetime] = []
    for row, time in zip(rows.cells, alone, strict=True):
        times = [*whole[row[taken]], *([time] if own else [])]
        known = [t for t in times if t is not None]
        if len(known) == len(times):
            found.append(max(known))
    return max(found, default=None)


def _seen(rows: Rows, starts: tuple[tuple[str, Duration | None], ...]) -> list[datetime | None]:
    """When each row can be seen, of columns that are given; None for never."""
    places = [(rows.columns.index(c), delay) for c, delay in starts if c in rows.columns]
    return [_latest([(row[i], delay) for i, delay in places]) for row in rows.cells]


def _latest(starts: list[tuple[object, Duration | None]]) -> datetime | None:
    times = [
        value if delay is None else delay.later(value)
        for value, delay in starts
        if isinstance(value, datetime)
    ]
    return max(times) if times and len(times) == len(starts) else None
