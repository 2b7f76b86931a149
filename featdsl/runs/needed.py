"""What of a program a run touches: the sources and views behind some groups."""

from __future__ import annotations

from collections.abc import Iterable

from featdsl.ir.program import Group, Join, Program, Source, View


def declared_group(program: Program, name: str) -> Group:
    """The group of features, or of labels, of a full name."""
    return program.groups[name] if name in program.groups else program.labels[name]


def needed_sources(
    program: Program, groups: Iterable[str], more: Iterable[str] = ()
) -> list[Source]:
    """Sources that groups read, their entities' populations among them, and `more`, as declared."""
    names = set(more)
    for group in groups:
        declared = declared_group(program, group)
        relations = [declared.relation]
        population = program.entities[declared.entity].population
        relations += [population] if population is not None else []
        for relation in relations:
            names |= {r.name for r in _behind(program, relation) if isinstance(r, Source)}
    return [s for name, s in program.sources.items() if name in names]


def needed_views(program: Program, groups: Iterable[str]) -> list[View]:
    """Views that groups read, as declared."""
    names = {
        r.name
        for group in groups
        for r in _behind(program, declared_group(program, group).relation)
        if isinstance(r, View)
    }
    return [v for name, v in program.views.items() if name in names]


def needed_joins(program: Program, groups: Iterable[str]) -> list[tuple[View, Join]]:
    """Joins of the views that groups read."""
    return [(view, join) for view in needed_views(program, groups) for join in view.joins]


def _behind(program: Program, name: str) -> list[Source | View]:
    relation = program.relation(name)
    if isinstance(relation, Source):
        return [relation]
    found: list[Source | View] = [relation, *_behind(program, relation.left)]
    for join in relation.joins:
        found += _behind(program, join.source)
    return found
