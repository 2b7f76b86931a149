"""A trial run's sample: all rows of some keys, so that each of their values is right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlglot import exp

from featdsl.engines.duckdb import Session
from featdsl.ir import expr as ir
from featdsl.ir.program import Group, Program, Source
from featdsl.ir.refs import features_of_rows, groups_behind, looked_in
from featdsl.ir.relations import roots
from featdsl.ir.visit import walk
from featdsl.runs.needed import behind, needed_joins
from featdsl.runs.stage import Staged
from featdsl.sql import build, statements

MIN_KEYS = 100
"""A sample has about so many keys at least, where there are so many."""


def sampled_scans(
    session: Session, program: Program, group: Group, staged: Staged, *, share: float
) -> Mapping[str, exp.Table]:
    """Scans for a group in which its entity's rows are those of about a share of the keys."""
    return sampled(session, program, group, staged.scans, share=share)[0]


def sampled(
    session: Session, program: Program, group: Group, all_: Mapping[str, exp.Table], *, share: float
) -> tuple[Mapping[str, exp.Table], int]:
    """The same, and one key of how many is picked; 1 where all are.

    A hash of the key picks them: the same ones in every source and every run, also where the group
    rests on others of its entity. A source that a view joins is left whole, since rows of other
    keys may be looked up in it; so is everything where features ask for other keys.

    Args:
        session: Where the sources are staged.
        program: The checked program.
        group: What is to be computed.
        all_: The whole sources.
        share: Part of the keys, above 0 and at most 1.
    """
    groups = groups_behind(program, [group.name])
    if any(_asks_others(program, g) or g.entity != group.entity for g in groups):
        return all_, 1
    joined = {
        relation.name
        for _, join in needed_joins(program, [g.name for g in groups])
        for relation in behind(program, join.source)
    }
    joined |= {name for g in groups for name in looked_in(g)}
    holders = {
        name: columns
        for name, columns in _key_columns(program, groups).items()
        if name not in joined and _of_one_key(program.sources[name], columns)
    }
    population = program.entities[group.entity].population
    whole = population is not None and any(
        s.name not in holders for s in roots(program, population)
    )
    # Keys with rows in a source that is whole would exist, without their rows of the others.
    read = {s.name for g in groups if g.relation is not None for s in roots(program, g.relation)}
    partly = population is None and not read <= holders.keys()
    # All keys exist where the population is whole, and rows of some would be missing.
    if not holders or whole or partly:
        return all_, 1
    every = _every(session, all_, holders, share)
    if every == 1:
        return all_, 1
    scans = dict(all_)
    for name, columns in holders.items():
        query = statements.star_from(all_[name].copy()).where(is_picked(columns, every))
        scans[name] = session.create_view(f"{name} sample {group.name}", query)
    return scans, every


def is_picked(columns: Iterable[str], every: int) -> exp.Expr:
    """Whether a key, in columns, is one of those that are picked."""
    digest = build.func("hash", *[build.col(c) for c in columns])
    one_of = exp.Mod(this=digest, expression=build.number(every))
    return exp.EQ(this=one_of, expression=build.number(0))


def _asks_others(program: Program, group: Group) -> bool:
    """Whether rows of other keys than its own may be asked for."""
    nodes = (n for feature in group.members.values() for n in walk(feature.expr))
    in_rows = bool(features_of_rows(program, group.relation))
    return in_rows or any(isinstance(n, ir.Via | ir.Among) for n in nodes)


def _key_columns(program: Program, groups: Iterable[Group]) -> dict[str, tuple[str, ...]]:
    """Sources that hold the key of the entity of groups, with the columns that do, if it is one."""
    found: dict[str, set[tuple[str, ...]]] = {}
    for group in groups:
        if group.relation is not None and group.role is not None:
            for root in roots(program, group.relation):
                columns = group.role.columns
                stored = set(columns) <= set(root.columns)
                found.setdefault(root.name, set()).add(columns if stored else ())
        population = program.entities[group.entity].population
        if population is not None:
            for source in roots(program, population):
                columns = _role(source, group.entity)
                if columns and source.name not in found:
                    found[source.name] = {columns}
    return {name: c for name, all_ in found.items() for c in all_ if len(all_) == 1 and c}


def _of_one_key(source: Source, columns: tuple[str, ...]) -> bool:
    """Whether all versions of a row are of one key; else all of them decide which one counts.

    Of snapshots too: without rows of these keys, an older one would be the latest.
    """
    if source.snapshot is not None:
        return False
    return source.keep is None or set(columns) <= set(source.keep.per)


def _role(source: Source, entity: str) -> tuple[str, ...]:
    roles = [r.columns for r in source.roles if r.entity == entity]
    return roles[0] if len(roles) == 1 else ()


def _every(
    session: Session,
    all_: Mapping[str, exp.Table],
    holders: Mapping[str, tuple[str, ...]],
    share: float,
) -> int:
    """One key of how many is picked."""
    name, columns = next(iter(holders.items()))
    key = build.func("approx_count_distinct", build.func("hash", *[build.col(c) for c in columns]))
    query = exp.Select(expressions=[key]).from_(all_[name].copy())
    keys = int(session.execute(query)[0][0])
    return max(1, min(round(1 / share), keys // MIN_KEYS))
