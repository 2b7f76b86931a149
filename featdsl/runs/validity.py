"""Rows of a key that hold at the same time, in sources with validity."""

from __future__ import annotations

from sqlglot import exp

from featdsl.engines.duckdb import Session
from featdsl.ir.program import Source
from featdsl.runs.rowset import RowSet
from featdsl.sql import build, statements

NEXT = "featc_next"


def count_overlaps(session: Session, source: Source, rows: RowSet, key: tuple[str, ...]) -> int:
    """How many rows still hold when the next row of their key begins.

    Raises:
        EngineError: the rows cannot be read.
    """
    found = statements.subquery(overlaps(source, rows, key), "overlapping")
    query = exp.Select(expressions=[exp.Count(this=exp.Star())]).from_(found)
    return int(session.execute(query, doing=f"checking {rows.words}")[0][0])


def longest_rows(rows: RowSet, shared: tuple[str, ...], end: str) -> RowSet:
    """Of rows that share some columns one, with the latest end of them all."""
    never = exp.LT(this=exp.Count(this=build.col(end)), expression=exp.Count(this=exp.Star()))
    longest = exp.Case(
        ifs=[exp.If(this=never, true=exp.Null())], default=exp.Max(this=build.col(end))
    )
    columns = [build.col(c) for c in shared]
    query = (
        exp.Select(expressions=[*columns, statements.named(longest, end)])
        .from_(rows.relation.copy())
        .group_by(*[c.copy() for c in columns])
    )
    if rows.where is not None:
        query = query.where(rows.where.copy())
    return RowSet(
        subject=rows.subject,
        words=rows.words,
        relation=statements.subquery(query, "longest"),
        pii=rows.pii,
    )


def overlaps(source: Source, rows: RowSet, key: tuple[str, ...]) -> exp.Select:
    """Key and times of rows that still hold when the next row of their key begins."""
    assert source.valid is not None
    return overlapping(rows, key, source.valid.start, source.valid.end)


def overlapping(rows: RowSet, key: tuple[str, ...], start: str, end: str) -> exp.Select:
    """Key and times of rows that still hold when the next row of their key begins.

    Sorted by start, rows overlap only where neighbours do. Rows that never hold, or whose key
    or start is null, do not count.
    """
    columns = [*key, start, end]
    following = exp.Window(
        this=build.func("lead", build.col(start)),
        partition_by=[build.col(c) for c in key],
        order=exp.Order(expressions=[exp.Ordered(this=build.col(start))]),
    )
    neighbours = (
        exp.Select(
            expressions=[*[build.col(c) for c in columns], statements.named(following, NEXT)]
        )
        .from_(rows.relation.copy())
        .where(
            build.all_of(
                [
                    rows.where,
                    _ends_after(build.col(start), end),
                    *[build.is_null(build.col(c), negated=True) for c in (*key, start)],
                ]
            )
        )
    )
    return (
        exp.Select(expressions=[build.col(c) for c in columns])
        .from_(statements.subquery(neighbours, "neighbours"))
        .where(build.is_null(build.col(NEXT), negated=True))
        .where(_ends_after(build.col(NEXT), end))
    )


def _ends_after(time: exp.Expr, end: str) -> exp.Expr:
    """A row's end lies behind a time, or it has none."""
    later = exp.LT(this=time, expression=build.col(end))
    return exp.Paren(this=exp.Or(this=build.is_null(build.col(end)), expression=later))
