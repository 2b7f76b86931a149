"""Which rows are shown with a finding."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sqlglot import exp

from featdsl.engines.duckdb import Session
from featdsl.ir.program import Program, Source
from featdsl.runs.opened import Scans
from featdsl.runs.outputs import Wanted
from featdsl.runs.selftest import added, reach
from featdsl.runs.selftest.compare import Key, Values, changed
from featdsl.sql import build, statements

_QUERIES = 24
SHOWN = 5
"""Added rows that are shown where no fewer make the difference."""


def narrowed(
    session: Session,
    copies: exp.Table,
    key: Key,
    place: int,
    before: Values,
    after: Callable[[list[int] | None], Values],
) -> tuple[Mapping[str, object], ...]:
    """The fewest added rows found that change the value: halves are left out by turns."""
    numbers = [n for (n,) in session.execute(_numbers(copies))]

    def breaks(chosen: list[int]) -> bool:
        differing = changed(
            {k: v for k, v in before.items() if k == key},
            {k: v for k, v in after(chosen).items() if k == key},
        )
        return (key, place) in differing

    left, part = _QUERIES, max(1, len(numbers) // 2)
    while left and part:
        for start in range(0, len(numbers), part):
            rest = numbers[:start] + numbers[start + part :]
            left -= 1
            if rest and breaks(rest):
                numbers = rest
                break
            if not left:
                break
        else:
            part //= 2
        part = min(part, len(numbers) // 2)
    if len(numbers) > SHOWN:
        return ()
    listed = exp.In(this=build.col(added.NUMBER), expressions=[build.number(n) for n in numbers])
    query = statements.star_from(copies.copy()).where(listed)
    return rows_of(session, query)


def tied(
    session: Session, program: Program, scans: Scans, wanted: Wanted, key: Key
) -> tuple[Mapping[str, object], ...]:
    """Rows of a key that share their place in the order, out of the group's own source."""
    group = wanted.group.name
    root, columns = reach.only_root(program, group), reach.key_columns(program, group)
    if root is None or not columns:
        return ()
    source = program.sources[root]
    if source.time is None:
        return ()
    place = [build.col(c) for c in dict.fromkeys((source.time, *source.tie_break))]
    alike = exp.Window(
        this=exp.Count(this=exp.Star()),
        partition_by=[*(build.col(c) for c in columns), *place],
    )
    numbered = exp.Select(expressions=[exp.Star(), statements.named(alike, added.NUMBER)])
    mine = is_key(source, columns, key)
    query = statements.star_from(
        statements.subquery(numbered.from_(scans[root].copy()).where(mine), "r")
    )
    several = exp.GT(this=build.col(added.NUMBER), expression=build.number(1))
    query = query.where(several).order_by(*(c.copy() for c in place)).limit(SHOWN)
    return rows_of(session, query)


def rows_of(session: Session, query: exp.Select) -> tuple[Mapping[str, object], ...]:
    """Rows by column, without their numbers."""
    names, rows = session.rows(query)
    return tuple(
        {n: v for n, v in zip(names, row, strict=True) if n != added.NUMBER} for row in rows
    )


def is_key(source: Source, columns: Sequence[str], key: Key) -> exp.Expr | None:
    """Of the rows of a key."""
    types = [source.columns[c].dtype for c in columns]
    return build.all_of(
        exp.EQ(this=build.col(c), expression=build.literal(v, t))
        for c, t, v in zip(columns, types, key, strict=True)
    )


def _numbers(copies: exp.Table) -> exp.Select:
    number = build.col(added.NUMBER)
    return exp.Select(expressions=[number]).from_(copies.copy()).order_by(number.copy())
