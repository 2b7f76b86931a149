"""Values of rows that depend on the rows beside them: window functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from featdsl.ir.expr import Expr
from featdsl.ir.plan import Ordered
from featdsl.ir.row_values import (
    After,
    Before,
    Begins,
    FromNewest,
    LargestSoFar,
    Pick,
    Position,
    RowValue,
)
from featdsl.sql import build

Lower = Callable[[Expr], exp.Expr]

_SO_FAR = exp.WindowSpec(kind="ROWS", start="UNBOUNDED", start_side="PRECEDING", end="CURRENT ROW")


def row_value(rows: Ordered, value: RowValue, lower: Lower) -> exp.Expr:
    """SQL of a value; ``lower`` gives that of expressions over the input's columns."""
    match value:
        case FromNewest():
            return _from_newest(rows, value, lower)
        case Position():
            return _over(rows, exp.RowNumber())
        case Before():
            return _before(rows, value, lower)
        case Begins(before=before, gap=gap):
            time = lower(before.operand)
            ends = build.plus(_before(rows, before, lower), gap)
            # Of the first row nothing is known before, and the condition is null.
            goes_on = exp.LT(this=time.copy(), expression=ends)
            return build.case(goes_on, build.null(), time)
        case LargestSoFar(column=column):
            largest = exp.Max(this=build.col(column))
            return _over(rows, largest, _parts(value, lower), frame=_SO_FAR)
        case After():
            return _after(rows, value, lower)


def _from_newest(rows: Ordered, value: FromNewest, lower: Lower) -> exp.Expr:
    if value.where is None:
        return _over(rows, exp.RowNumber(), newest_first=True)
    # One sort serves every condition: rows that count are counted, not split off.
    counts = build.case(lower(value.where), build.number(1))
    number = _over(rows, exp.Count(this=counts), newest_first=True, frame=_SO_FAR)
    return build.case(lower(value.where), number)


def _before(rows: Ordered, value: Before, lower: Lower) -> exp.Expr:
    lag = exp.Lag(this=lower(value.operand), offset=build.number(value.n))
    return _over(rows, lag, _parts(value, lower))


def _after(rows: Ordered, value: After, lower: Lower) -> exp.Expr:
    parts = _parts(value, lower)
    of = build.col(value.column)
    if value.pick is Pick.LAST:
        return _over(rows, exp.Lead(this=of, offset=build.number(value.n)), parts)
    frame = exp.WindowSpec(
        kind="ROWS",
        start=build.number(1),
        start_side="FOLLOWING",
        end=build.number(value.n),
        end_side="FOLLOWING",
    )
    if value.pick is Pick.SMALLEST:
        return _over(rows, exp.Min(this=of), parts, frame=frame)
    known = _over(rows, exp.Count(this=of.copy()), parts, frame=frame)
    all_known = exp.EQ(this=known, expression=build.number(value.n))
    return build.case(all_known, _over(rows, exp.Max(this=of), parts, frame=frame))


def _parts(value: Before | LargestSoFar | After, lower: Lower) -> list[exp.Expr]:
    """What rows are split by beside their key: they look at rows of their part only."""
    parts = [] if isinstance(value, After) else [lower(e) for e in value.within]
    if value.where is not None:
        parts.append(build.case(lower(value.where), build.number(1)))
    return parts


def _over(
    rows: Ordered,
    function: exp.Expr,
    parts: Sequence[exp.Expr] = (),
    *,
    newest_first: bool = False,
    frame: exp.WindowSpec | None = None,
) -> exp.Expr:
    """A function over the rows of a key; a null in the order sorts after every value."""
    order = [
        exp.Ordered(this=build.col(c), desc=newest_first, nulls_first=newest_first)
        for c in rows.order
    ]
    return exp.Window(
        this=function,
        partition_by=[*(build.col(k) for k in rows.keys), *parts],
        order=exp.Order(expressions=order),
        spec=None if frame is None else frame.copy(),
    )
