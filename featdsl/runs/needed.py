"""What of a program a run touches: the sources and views behind some groups."""

from __future__ import annotations

from collections.abc import Iterable

from featdsl.ir.program import Join, Program, Source, View
from featdsl.ir.refs import groups_behind, looked_in


def needed_sources(
    program: Program, groups: Iterable[str], more: Iterable[str] = ()
) -> list[Source]:
    """Sources that groups rest on, populations of entities among them, and `more`, as declared."""
    names = set(more)
    for group in groups_behind(program, groups):
        population = program.entities[group.entity].population
        names |= {*looked_in(group)}
        for relation in (group.relation, population):
            if relation is not None:
                names |= {r.name for r in behind(program, relation) if isinstance(r, Source)}
    return [s for name, s in program.sources.items() if name in names]


def needed_views(program: Program, groups: Iterable[str]) -> list[View]:
    """Views that groups rest on, as declared."""
    names = {
        r.name
        for group in groups_behind(program, groups)
        if group.relation is not None
        for r in behind(program, group.relation)
        if isinstance(r, View)
    }
    return [v for name, v in program.views.items() if name in names]


def needed_joins(program: Program, groups: Iterable[str]) -> list[tuple[View, Join]]:
    """Joins of the views that groups read."""
    return [(view, join) for view in needed_views(program, groups) for join in view.joins]


def behind(program: Program, name: str) -> list[Source | View]:
    """A relation, and all that its rows are made of."""
    relation = program.relation(name)
    if isinstance(relation, Source):
        return [relation]
    found: list[Source | View] = [relation]
    for below in (*relation.lefts, *(join.source for join in relation.joins)):
        found += behind(program, below)
    return found
