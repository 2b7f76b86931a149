"""Expectations to SQL: the measures of a set of rows, and the rows that fail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlglot import exp

from featdsl.checks.registry import checks
from featdsl.checks.spec import Check, Inputs
from featdsl.ir import expr as ir
from featdsl.ir.program import Expectation
from featdsl.lowering.expression import lower_expression


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
) -> LoweredExpectation:
    """SQL of an expectation over a set of rows.

    Args:
        expectation: What must hold.
        column: Gives the SQL of a column of the set; of a joined one, ``alias.column``; of a
            feature, by its short name.
        as_of: The as-of time, a timestamp without zone in UTC.
        timezone: The project's zone name.
        time: The time of a row that is visible at the as-of time, else null.
    """
    condition = None
    if expectation.condition is not None:
        condition = lower_expression(
            expectation.condition,
            lambda e: column(column_name(e)),
            as_of=as_of,
            timezone=timezone,
        )
    inputs = Inputs(column=column, as_of=as_of, condition=condition, time=time)
    check = checks()[expectation.kind]
    return LoweredExpectation(
        expectation=expectation,
        check=check,
        measures=check.measures(expectation, inputs),
        distinct=check.distinct(expectation),
        failing=check.failing(expectation, inputs),
    )


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
