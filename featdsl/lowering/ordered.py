"""Values of rows that depend on the rows beside them: window functions."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from featdsl.ir.expr import Expr
from featdsl.ir.plan import FromNewest, Ordered, RowValue
from featdsl.sql import build

Lower = Callable[[Expr], exp.Expr]


def row_value(rows: Ordered, value: RowValue, lower: Lower) -> exp.Expr:
    """SQL of a value; ``lower`` gives that of expressions over the input's columns."""
    match value:
        case FromNewest():
            return _from_newest(rows, value, lower)


def _from_newest(rows: Ordered, value: FromNewest, lower: Lower) -> exp.Expr:
    if value.where is None:
        return _over(rows, exp.RowNumber(), newest_first=True)
    # One sort serves every condition: rows that count are counted, not split off.
    counts = build.case(lower(value.where), build.number(1))
    number = _over(rows, exp.Count(this=counts), newest_first=True, running=True)
    return build.case(lower(value.where), number)


def _over(
    rows: Ordered, function: exp.Expr, *, newest_first: bool = False, running: bool = False
) -> exp.Expr:
    """A function over the rows of a key; a null in the order sorts after every value."""
    order = [
        exp.Ordered(this=build.col(c), desc=newest_first, nulls_first=newest_first)
        for c in rows.order
    ]
    frame = exp.WindowSpec(
        kind="ROWS", start="UNBOUNDED", start_side="PRECEDING", end="CURRENT ROW"
    )
    return exp.Window(
        this=function,
        partition_by=[build.col(k) for k in rows.keys],
        order=exp.Order(expressions=order),
        spec=frame if running else None,
    )
