"""A data set over a spine that asks once, and over one that asks twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from sqlglot import exp

from featdsl.compiler.training import SpineTable, training_query
from featdsl.engines.duckdb import Session
from featdsl.ir.program import Dataset, Program
from featdsl.runs.needed import needed_sources
from featdsl.runs.selftest.compare import Key, Values
from featdsl.sql import build, statements
from featdsl.sql.build import col
from featdsl.types.dtype import INT, TIMESTAMP

MOST = 200
"""Different rows of a spine."""
_ROW, _AS_OF = "row", "as_of"


def repeated_spines(
    session: Session, program: Program, scans: Mapping[str, exp.Table], at: datetime
) -> Iterator[tuple[Dataset, Values, Values]]:
    """For each data set that rests on `scans` only: values of its rows, asked once and twice.

    Keys of the values are the entity's; of the rows that ask twice the last one's are taken, and
    a row that differs from its twin is there under a key that is longer by one.
    """
    for declared in program.datasets.values():
        dataset = _of_stored(program, declared)
        asked = {c.feature for c in (*dataset.columns, *dataset.labels) if c.feature is not None}
        groups = {program.feature(f).group for f in asked}
        if {s.name for s in needed_sources(program, groups)} - set(scans):
            continue
        keys = _keys(session, program, dataset, scans)
        if not keys:
            continue
        once = _values(session, program, dataset, scans, keys, at)
        twice = _values(session, program, dataset, scans, [*keys, *keys], at)
        yield dataset, dict(once), _both(twice)


def _of_stored(program: Program, dataset: Dataset) -> Dataset:
    """The data set without what rests on an input: these spines have keys and times only."""
    requests = {n for g in program.groups.values() for n in g.requests}
    kept = tuple(c for c in dataset.columns if c.feature not in requests)
    return replace(dataset, columns=kept)


def _both(rows: list[tuple[Key, tuple[object, ...]]]) -> Values:
    found: dict[Key, tuple[object, ...]] = {}
    for key, values in rows:
        if found.get(key, values) != values:
            key = (*key, "again")
        found[key] = values
    return found


def _keys(
    session: Session, program: Program, dataset: Dataset, scans: Mapping[str, exp.Table]
) -> list[Key]:
    """Some keys of the entity, out of the first source that is read and names it."""
    for name, table in scans.items():
        for role in program.sources[name].roles:
            if role.entity != dataset.entity:
                continue
            columns = [col(c) for c in role.columns]
            query = exp.Select(expressions=columns).distinct().from_(table.copy())
            known = build.all_of(build.is_null(c.copy(), negated=True) for c in columns)
            query = query.where(known).order_by(*(c.copy() for c in columns)).limit(MOST)
            return session.execute(query)
    return []


def _values(
    session: Session,
    program: Program,
    dataset: Dataset,
    scans: Mapping[str, exp.Table],
    keys: list[Key],
    at: datetime,
) -> list[tuple[Key, tuple[object, ...]]]:
    declared = program.entities[dataset.entity].keys
    types = {k.name: k.dtype for k in declared}
    rows = [(i, *key, at) for i, key in enumerate(keys)]
    query = statements.rows({_ROW: INT, **types, _AS_OF: TIMESTAMP}, rows)
    table = session.create_table(f"selftest spine {dataset.name} {len(keys)}", query)
    names = tuple(types)
    spine = SpineTable(table=table, columns=(*names, _AS_OF), keys=names, time=_AS_OF, row=_ROW)
    program = replace(program, datasets={**program.datasets, dataset.name: dataset})
    found = session.execute(training_query(program, dataset.name, spine=spine, scans=scans))
    first, count = len(names), len(names) + 1
    columns = len(dataset.columns)
    return [(row[:first], row[count : count + columns]) for row in found]
