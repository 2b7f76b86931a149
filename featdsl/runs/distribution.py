"""A column's distribution, as the next run's `drift` compares with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from sqlglot import exp

from featdsl.checks.drift import CATEGORIES, LONGEST, bin_counts, has_categories
from featdsl.checks.spec import Kept
from featdsl.engines.duckdb import Session
from featdsl.sql import build, statements
from featdsl.types.dtype import DType, Kind


def distribution(
    session: Session,
    rows: Callable[[], exp.Select],
    column: exp.Expr,
    dtype: DType,
    points: Sequence[Decimal],
) -> Kept:
    """Bins of a column's values with the rows in each, in two statements over that column.

    Args:
        session: Where the rows are.
        rows: Gives a query that selects nothing yet, of the rows of the set.
        column: The column.
        dtype: Its type.
        points: Shares of the known values; of numbers bins end there.

    Raises:
        EngineError: the rows cannot be read.
    """
    if has_categories(dtype):
        edges = [_text(v) for (v,) in session.execute(_frequent(rows(), column, dtype))]
    else:
        shares = exp.Array(expressions=[exp.Literal.number(str(p)) for p in points])
        quantiles = build.func("quantile_disc", column.copy(), shares)
        found = session.execute(rows().select(quantiles))[0][0] or ()
        edges = list(dict.fromkeys(_text(v) for v in found))
    counts = bin_counts(column, dtype, edges)
    counted = session.execute(rows().select(*counts.values()))[0]
    return Kept(edges=tuple(edges), counts=tuple(int(n) for n in counted))


def _frequent(rows: exp.Select, column: exp.Expr, dtype: DType) -> exp.Select:
    """The most frequent values, the smaller first of equally frequent ones."""
    known = build.is_null(column.copy(), negated=True)
    query = rows.select(statements.named(column.copy(), "value")).where(known)
    if dtype.kind is Kind.TEXT:
        size = build.func("length", column.copy())
        query = query.where(exp.LTE(this=size, expression=build.number(LONGEST)))
    times = exp.Ordered(this=exp.Count(this=exp.Star()), desc=True)
    return query.group_by(column.copy()).order_by(times, column.copy()).limit(CATEGORIES)


def _text(value: Any) -> str:
    """A value that `drift` reads back as the same."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else str(value)
