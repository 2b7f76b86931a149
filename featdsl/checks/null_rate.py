"""``expect null_rate(sku) < 5%``: the share of rows without a value; of no rows it holds."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from sqlglot import exp

from featdsl.checks.spec import ROWS, Check, Inputs, Measured, Verdict, holds, share
from featdsl.ir.program import CheckKind, Expectation
from featdsl.sql import build


def failing(expectation: Expectation, inputs: Inputs) -> exp.Expr:
    """True for rows without a value."""
    return build.is_null(inputs.column(expectation.columns[0]))


def measures(expectation: Expectation, inputs: Inputs) -> Mapping[str, exp.Expr]:
    """How many rows have a value."""
    return {"present": exp.Count(this=inputs.column(expectation.columns[0]))}


def judge(expectation: Expectation, measured: Measured) -> Verdict:
    """The share of nulls against the bound, exactly."""
    rows = int(measured[ROWS])
    nulls = rows - int(measured["present"])
    return Verdict(
        passed=rows == 0 or holds(Fraction(nulls, rows), expectation, Fraction),
        measured=f"{share(nulls, rows)} have no value",
        failing=nulls,
    )


CHECK = Check(
    name=CheckKind.NULL_RATE,
    meaning="The share of rows in which a column is null.",
    measures=measures,
    failing=failing,
    judge=judge,
)
