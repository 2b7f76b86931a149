"""SQL of a program: queries of groups and relations, and whole statements with a header."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlglot import exp

from featdsl.ir.program import Program
from featdsl.lowering.statement import Scans, lower
from featdsl.planning.build import build, build_rows
from featdsl.planning.optimize import optimize
from featdsl.sources.registry import sources
from featdsl.sql import build as sql

AS_OF_PARAMETER = "as_of"


def as_of_expression(as_of: datetime | None) -> exp.Expr:
    """The as-of time as SQL: a literal, or the parameter ``$as_of``."""
    if as_of is not None:
        return sql.timestamp(as_of)
    return exp.cast(exp.Placeholder(this=AS_OF_PARAMETER), exp.DataType.Type.TIMESTAMP)


def group_query(
    program: Program,
    group: str,
    *,
    as_of: datetime | None,
    features: Sequence[str] | None = None,
    scans: Mapping[str, exp.Table] | None = None,
    population: bool = True,
) -> exp.Select:
    """One SELECT for the features of a group at one as-of time, ordered by key.

    Args:
        program: The checked program.
        group: The group's full name.
        as_of: Naive UTC; None is the named parameter ``$as_of``.
        features: Short names of what comes out; None for all. Columns are the entity's keys,
            then features in the order of the text.
        scans: Tables that hold the stored rows of sources, or given rows of views, by full
            name: exactly the declared columns in the declared types (timestamps without zone
            in UTC, null in place of NaN and infinity). A source without one is read by its kind.
        population: Whether the entity's population says which keys exist.
    """
    scans = scans or {}
    given = [name for name in scans if name in program.views]
    plan = optimize(
        build(program, group, features=features, given=given, population=population)
    )
    return lower(
        plan,
        scan=_scan(program, scans),
        as_of=as_of_expression(as_of),
        timezone=program.timezone,
    )


def relation_query(
    program: Program,
    name: str,
    *,
    as_of: datetime | None,
    scans: Mapping[str, exp.Table] | None = None,
) -> exp.Select:
    """The rows of a source or view as seen at the as-of time, in no promised order."""
    scans = scans or {}
    given = [n for n in scans if n in program.views]
    plan = build_rows(program, name, given=given)
    return lower(
        plan,
        scan=_scan(program, scans),
        as_of=as_of_expression(as_of),
        timezone=program.timezone,
    )


def _scan(program: Program, scans: Mapping[str, exp.Table]) -> Scans:
    """Where rows are read: a given table, else the source itself by its kind."""

    def scan(name: str, columns: tuple[str, ...]) -> exp.Expr:
        if name in scans:
            return scans[name].copy()
        source = program.sources[name]
        wanted = {c: source.columns[c] for c in columns}
        return sources()[source.location.kind].scan(source.location, wanted)

    return scan
