"""A look at some features of some keys: nothing is published, recorded or checked in full."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlglot import exp

from featdsl.compiler.compilation import Compilation
from featdsl.engines.duckdb import Row, Session
from featdsl.ir.expr import Scalar
from featdsl.ir.program import Feature, Program
from featdsl.project.load import Project
from featdsl.runs.given import Given
from featdsl.runs.opened import opened
from featdsl.runs.outputs import Wanted, output_query, wanted_groups
from featdsl.sql import build, statements
from featdsl.types.dtype import DType, Kind

_RANGED = frozenset({Kind.INT, Kind.FLOAT, Kind.DECIMAL, Kind.DATE, Kind.TIMESTAMP, Kind.DURATION})


@dataclass(frozen=True, slots=True)
class Range:
    """Of a feature's values over all keys; the three are null where values have no order."""

    nulls: int
    least: Any = None
    median: Any = None
    largest: Any = None


@dataclass(frozen=True, slots=True)
class Preview:
    """Rows of a group: ``columns`` are the entity's keys and the features, with their types.

    ``total`` counts the rows that there are, and ``ranges`` tells of the features over all of
    them; where keys were asked for they are None and empty.
    """

    group: str
    columns: Mapping[str, DType]
    rows: tuple[Row, ...]
    total: int | None = None
    ranges: Mapping[str, Range] = field(default_factory=dict)


def preview_project(
    project: Project,
    compilation: Compilation,
    selection: Sequence[str],
    *,
    as_of: datetime,
    keys: Sequence[Sequence[Scalar]] = (),
    limit: int = 20,
    given: Mapping[str, Given] | None = None,
) -> list[Preview]:
    """Compute selected features, of some keys or of the first ones in order.

    Files are looked at as in a run, and values that do not fit stop it; expectations, keys and
    required columns are left to `featdsl.runs.execute.run_project`.

    Args:
        project: Where it is.
        compilation: What it means; without errors.
        selection: Full names of features.
        as_of: The as-of time, naive UTC.
        keys: Values of the entity's keys, one sequence a key; none for all.
        limit: The most rows of a group.
        given: Rows in place of files, by the full names of sources.

    Raises:
        Failure: a source does not fit, or the engine cannot compute a feature.
    """
    program = compilation.program
    wanted = wanted_groups(program, selection)
    with opened(project, program, wanted, given=given) as (session, scans):
        return [
            _preview(session, program, w, scans, as_of=as_of, keys=keys, limit=limit)
            for w in wanted
        ]


def _preview(
    session: Session,
    program: Program,
    wanted: Wanted,
    scans: Mapping[str, exp.Table],
    *,
    as_of: datetime,
    keys: Sequence[Sequence[Scalar]],
    limit: int,
) -> Preview:
    entity = program.entities[wanted.group.entity]
    key_types = {k.name: k.dtype for k in entity.keys}
    query = output_query(session, program, wanted, as_of=as_of, scans=scans)
    columns = {**key_types, **{f.short: f.dtype for f in wanted.features}}
    if keys:
        rows = preview_rows(session, query, key_types, keys, limit)
        return Preview(wanted.group.name, columns, tuple(rows))
    everything = statements.star_from(session.create_table(f"output {wanted.group.name}", query))
    rows = preview_rows(session, everything, key_types, keys, limit)
    ranges = {f.short: _range(session, everything, f) for f in wanted.features}
    total = session.execute(_measured(everything, [exp.Count(this=exp.Star())]))[0][0]
    return Preview(wanted.group.name, columns, tuple(rows), total, ranges)


def _range(session: Session, everything: exp.Select, feature: Feature) -> Range:
    column = build.col(feature.short)
    measures: list[exp.Expr] = [exp.Count(this=exp.Star()), exp.Count(this=column.copy())]
    if feature.dtype.kind in _RANGED:
        half = exp.Literal.number("0.5")
        measures += [
            build.func("min", column.copy()),
            build.func("quantile_disc", column.copy(), half),
            build.func("max", column.copy()),
        ]
    ((rows, present, *ends),) = session.execute(_measured(everything, measures))
    return Range(rows - present, *ends)


def _measured(everything: exp.Select, measures: Sequence[exp.Expr]) -> exp.Select:
    named = [statements.named(m, f"m{i}") for i, m in enumerate(measures)]
    return exp.Select(expressions=named).from_(statements.subquery(everything.copy(), "result"))


def preview_rows(
    session: Session,
    query: exp.Select,
    key_types: Mapping[str, DType],
    keys: Sequence[Sequence[Scalar]],
    limit: int,
) -> list[Row]:
    """The first rows of a group's query, or those of some keys.

    Args:
        session: Where its sources are staged.
        query: The query of the group, ordered by key.
        key_types: The entity's keys, in order.
        keys: Values of all of them, one sequence a key; none for all keys.
        limit: The most rows.

    Raises:
        EngineError: the query cannot be run.
    """
    asked = statements.star_from(statements.subquery(query, "result"))
    if keys:
        asked = asked.where(exp.or_(*(_is_key(key_types, key) for key in keys), copy=False))
    if key_types:
        asked = asked.order_by(*[build.col(name) for name in key_types])
    return session.execute(asked.limit(limit), doing="computing")


def _is_key(key_types: Mapping[str, DType], key: Sequence[Scalar]) -> exp.Expr:
    equal = [
        exp.EQ(this=build.col(name), expression=build.literal(value, dtype))
        for (name, dtype), value in zip(key_types.items(), key, strict=True)
    ]
    found = build.all_of(equal)
    assert found is not None, "an entity without keys has no keys to ask for"
    return found
