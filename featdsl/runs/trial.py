"""A trial run's sample: all rows of some keys, so that each of their values is right."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from featdsl.engines.duckdb import Session
from featdsl.ir.program import Group, Program, Source
from featdsl.ir.refs import groups_behind, looked_in
from featdsl.ir.relations import roots
from featdsl.runs.needed import behind, needed_joins
from featdsl.runs.stage import Staged
from featdsl.sql import build, statements

MIN_KEYS = 100
"""A sample has about so many keys at least, where there are so many."""


def sampled_scans(
    session: Session, program: Program, group: Group, staged: Staged, *, share: float
) -> Mapping[str, exp.Table]:
    """Scans for a group in which its entity's rows are those of about a share of the keys.

    A hash of the key picks them: the same ones in every source and every run. A source that a
    view joins is left whole, since rows of other keys may be looked up in it.

    Args:
        session: Where the sources are staged.
        program: The checked program.
        group: What is to be computed.
        staged: The sources.
        share: Part of the keys, above 0 and at most 1.
    """
    if len(groups_behind(program, [group.name])) > 1:
        return staged.scans  # rows of other keys may be asked for
    joined = {
        relation.name
        for _, join in needed_joins(program, [group.name])
        for relation in behind(program, join.source)
    }
    joined |= {*looked_in(group)}
    holders = {
        name: columns
        for name, columns in _key_columns(program, group).items()
        if name not in joined and _of_one_key(program.sources[name], columns)
    }
    population = program.entities[group.entity].population
    whole = population is not None and any(
        s.name not in holders for s in roots(program, population)
    )
    # Keys with rows in a source that is whole would exist, without their rows of the others.
    read = () if group.relation is None else roots(program, group.relation)
    partly = population is None and any(s.name not in holders for s in read)
    # All keys exist where the population is whole, and rows of some would be missing.
    if not holders or whole or partly:
        return staged.scans
    every = _every(session, staged, holders, share)
    if every == 1:
        return staged.scans
    scans = dict(staged.scans)
    for name, columns in holders.items():
        digest = build.func("hash", *[build.col(c) for c in columns])
        picked = exp.EQ(
            this=exp.Mod(this=digest, expression=build.number(every)), expression=build.number(0)
        )
        query = statements.star_from(staged.scans[name].copy()).where(picked)
        scans[name] = session.create_view(f"{name} sample {group.name}", query)
    return scans


def _key_columns(program: Program, group: Group) -> dict[str, tuple[str, ...]]:
    """Sources that hold the entity's keys, with the columns that do."""
    found: dict[str, tuple[str, ...]] = {}
    if group.relation is not None and group.role is not None:
        for root in roots(program, group.relation):
            if group.role.columns and set(group.role.columns) <= set(root.columns):
                found[root.name] = group.role.columns
    population = program.entities[group.entity].population
    if population is not None:
        for source in roots(program, population):
            columns = _role(source, group.entity)
            if columns:
                found.setdefault(source.name, columns)
    return found


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
    session: Session, staged: Staged, holders: Mapping[str, tuple[str, ...]], share: float
) -> int:
    """One key of how many is picked."""
    name, columns = next(iter(holders.items()))
    key = build.func("approx_count_distinct", build.func("hash", *[build.col(c) for c in columns]))
    query = exp.Select(expressions=[key]).from_(staged.scans[name].copy())
    keys = int(session.execute(query)[0][0])
    return max(1, min(round(1 / share), keys // MIN_KEYS))
