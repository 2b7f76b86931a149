"""Expectations to SQL: the measures of a set of rows, and the rows that fail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlglot import exp

from featdsl.aggregates.registry import aggregates
from featdsl.aggregates.spec import Inputs as aggregate_inputs
from featdsl.checks.registry import checks
from featdsl.checks.spec import Check, Inputs, Kept
from featdsl.ir import expr as ir
from featdsl.ir.program import Expectation
from featdsl.ir.text import canonical
from featdsl.ir.visit import walk
from featdsl.lowering.expression import lower_expression, may_be_small
from featdsl.sql import build
from featdsl.types.dtype import INT


@dataclass(frozen=True, slots=True)
class LoweredExpectation:
    """``measures`` are aggregates over the set; ``failing`` is true for rows that fail."""

    expectation: Expectation
    check: Check
    measures: Mapping[str, exp.Expr]
    distinct: tuple[str, ...]
    failing: exp.Expr | None


def lower_expectation(
    expectation: Expectation,
    *,
    column: Callable[[str], exp.Expr],
    as_of: exp.Expr,
    timezone: str,
    time: exp.Expr | None = None,
    rows: exp.Expr | None = None,
    before: Kept | None = None,
) -> LoweredExpectation:
    """SQL of an expectation over a set of rows.

    Args:
        expectation: What must hold.
        column: Gives the SQL of a column of the set; of a joined one, ``alias.column``; of a
            feature, by its short name.
        as_of: The as-of time, a timestamp without zone in UTC.
        timezone: The project's zone name.
        time: The time of a row that is visible at the as-of time, else null.
        rows: True for the rows of the set; None where all are.
        before: What the last published run kept of the same measure.
    """

    def value(e: ir.Expr) -> exp.Expr:
        return lower_expression(e, resolve, as_of=as_of, timezone=timezone)

    def resolve(leaf: ir.Expr) -> exp.Expr:
        if isinstance(leaf, ir.Aggregate):
            return _aggregate(leaf, value, rows)
        return column(column_name(leaf))

    condition = expectation.condition
    found = [] if condition is None else [n for n in walk(condition) if isinstance(n, ir.Aggregate)]
    inputs = Inputs(
        column=column,
        as_of=as_of,
        condition=None if condition is None else value(condition),
        time=time,
        rows=rows,
        parts={canonical(a): resolve(a) for a in found},
        before=before,
    )
    check = checks()[expectation.kind]
    return LoweredExpectation(
        expectation=expectation,
        check=check,
        measures=check.measures(expectation, inputs),
        distinct=check.distinct(expectation),
        failing=check.failing(expectation, inputs),
    )


def _aggregate(
    a: ir.Aggregate, value: Callable[[ir.Expr], exp.Expr], rows: exp.Expr | None
) -> exp.Expr:
    """An aggregate of the rows of the set."""
    where = None if a.where is None else exp.Paren(this=value(a.where))
    known = None if rows is None else exp.Paren(this=rows.copy())
    inputs = aggregate_inputs(
        args=tuple(_stored(x, value(x)) for x in a.args),
        dtypes=tuple(x.dtype for x in a.args),
        condition=build.all_of([known, where]),
    )
    found = aggregates()[a.aggregate].lower(inputs)
    if a.default is None:
        return found
    return build.coalesce(build.cast(found, a.dtype), build.cast(value(a.default), a.dtype))


def _stored(e: ir.Expr, value: exp.Expr) -> exp.Expr:
    """An argument of its type's width, as steps of a plan hold it."""
    if may_be_small(e) or (e.dtype == INT and isinstance(e, ir.Call)):
        return build.cast(value, e.dtype)
    return value


def column_name(e: ir.Expr) -> str:
    """The name under which a set holds what an expression refers to."""
    match e:
        case ir.Column(qualifier=None):
            return e.name
        case ir.Column():
            return f"{e.qualifier}.{e.name}"
        case ir.FeatureRef():
            return e.feature.rpartition(".")[2]
    raise AssertionError(f"an expectation refers to columns and features only: {e}")
