"""``expect amount >= 0 allow 0.1%``: a condition on every row; a null condition passes."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from sqlglot import exp

from featdsl.checks.spec import ROWS, Check, Inputs, Measured, Verdict, share
from featdsl.ir.program import CheckKind, Expectation
from featdsl.sql import statements


def failing(expectation: Expectation, inputs: Inputs) -> exp.Expr:
    """True for rows whose condition is false."""
    assert inputs.condition is not None
    return exp.Not(this=exp.Paren(this=inputs.condition.copy()))


def measures(expectation: Expectation, inputs: Inputs) -> Mapping[str, exp.Expr]:
    """How many rows fail."""
    return {"failing": statements.count_where(failing(expectation, inputs))}


def judge(expectation: Expectation, measured: Measured) -> Verdict:
    """No larger a share may fail than ``allow``."""
    failed, rows = int(measured["failing"]), int(measured[ROWS])
    return Verdict(
        passed=Decimal(failed) <= expectation.allow * rows,
        measured=f"{share(failed, rows)} fail",
        failing=failed,
    )


CHECK = Check(
    name=CheckKind.ROWS,
    meaning="A condition that every row must fulfil; a row whose condition is null passes.",
    measures=measures,
    failing=failing,
    judge=judge,
)
