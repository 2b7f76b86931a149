"""Points with the rows of their keys: those that are seen at the point's time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from featdsl.ir.expr import AnyWindow, Window
from featdsl.ir.plan import Newest, Paired
from featdsl.lowering.spine import seen_at
from featdsl.lowering.window import Ends, ends, is_moved
from featdsl.sql import build
from featdsl.sql.build import aliased

# Ends of a window among the columns of points: no key is called so.
_START, _END = ".start", ".end"


def pair(
    query: exp.Select,
    rows: str,
    paired: Paired,
    time: str | None,
    window: AnyWindow | None,
    zone: str,
    newest: Sequence[tuple[Newest, exp.Expr | None]] = (),
) -> exp.Select:
    """The query over the points, each with the rows of its key that are seen and in the window.

    ``newest`` come with their conditions in SQL.
    """
    at = build.col(paired.as_of, paired.points)
    points: exp.Expr = build.table(paired.points)
    conditions: list[exp.Expr] = [
        exp.EQ(this=build.col(k, rows), expression=build.col(k, paired.points)) for k in paired.keys
    ]
    if window is not None:
        assert time is not None
        at_point = ends(window, at, zone)
        if isinstance(window, Window) and is_moved(window):
            points, at_point = _with_ends(paired, window, zone)
        conditions += at_point.conditions(build.col(time, rows))
        kept = [_fresh(n, where, at_point, time=at, rows=rows) for n, where in newest]
        if kept:
            conditions.append(exp.or_(*kept, copy=False))
    conditions += seen_at(paired.start, paired.end, rows, at)
    joined = exp.Join(this=build.table(rows), on=build.all_of(conditions))
    return query.from_(points, copy=False).join(joined, copy=False)


def _fresh(
    newest: Newest, where: exp.Expr | None, window: Ends, *, time: exp.Expr, rows: str
) -> exp.Expr:
    """Whether the condition holds for a row, and not all of the newer rows are read with it."""
    read = build.all_of(
        [
            *window.conditions(build.col(newest.time, rows)),
            *seen_at(newest.start, newest.end, rows, time),
        ]
    )
    assert read is not None
    surely = exp.Coalesce(this=read, expressions=[build.boolean(False)])
    return exp.and_(where, exp.Not(this=surely), copy=False)


def _with_ends(paired: Paired, window: Window, zone: str) -> tuple[exp.Expr, Ends]:
    """The points with the ends of a window: computed once a point, and not once a pair."""
    found = ends(window, build.col(paired.as_of), zone)
    columns = (paired.point, *paired.keys, paired.as_of)
    query = exp.select(*(build.col(c) for c in columns))
    query = query.select(aliased(found.end, _END), copy=False).from_(
        build.table(paired.points), copy=False
    )
    start = None
    if found.start is not None:
        query = query.select(aliased(found.start, _START), copy=False)
        start = build.col(_START, paired.points)
    named = exp.TableAlias(this=build.ident(paired.points))
    end = build.col(_END, paired.points)
    return exp.Subquery(this=query, alias=named), replace(found, start=start, end=end)
