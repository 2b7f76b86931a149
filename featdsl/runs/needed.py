"""What of a program a run touches: the sources and views behind some groups."""

from __future__ import annotations

from collections.abc import Iterable

from featdsl.ir import expr as ir
from featdsl.ir.program import Group, Join, Program, Source, View
from featdsl.ir.refs import features_of_rows, groups_behind, looked_in, row_aggregates
from featdsl.ir.visit import walk


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


def read_before(program: Program, groups: Iterable[str]) -> frozenset[str]:
    """Relations whose rows are read as they were at times before the as-of time too.

    Those that are joined, and all where features are looked up as of a row's time or some time
    ago.
    """
    found = groups_behind(program, groups)
    if any(_looks_back(program, group) for group in found):
        return _relations_of(program, found)
    joined = (join.source for _, join in needed_joins(program, groups))
    return frozenset(r.name for name in joined for r in behind(program, name))


def at_many_times(program: Program, groups: Iterable[str]) -> frozenset[str]:
    """Relations whose rows are read as they were at each time of a spine.

    Labels read theirs as they are known in the end.
    """
    listed = list(groups)
    features = [g for g in listed if g in program.groups]
    found = groups_behind(program, features)
    return _relations_of(program, found) | read_before(program, listed)


def _relations_of(program: Program, groups: Iterable[Group]) -> frozenset[str]:
    read = (group.relation for group in groups if group.relation is not None)
    return frozenset(r.name for name in read for r in behind(program, name))


def _looks_back(program: Program, group: Group) -> bool:
    if features_of_rows(program, group.relation):
        return True
    features = [f.expr for f in group.members.values()]
    if any(isinstance(n, ir.Ago) for e in features for n in walk(e)):
        return True
    return any(isinstance(n, ir.Via) for e in features for a in row_aggregates(e) for n in walk(a))


def behind(program: Program, name: str) -> list[Source | View]:
    """A relation, and all that its rows are made of."""
    relation = program.relation(name)
    if isinstance(relation, Source):
        return [relation]
    found: list[Source | View] = [relation]
    for below in (*relation.lefts, *(join.source for join in relation.joins)):
        found += behind(program, below)
    return found
