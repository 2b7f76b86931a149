"""``expect unique(a, b)``: no two rows have the same values; rows with a null there pass."""

from __future__ import annotations

from decimal import Decimal

from featdsl.checks.spec import ROWS, Check, Measured, Verdict, share
from featdsl.ir.program import CheckKind, Expectation


def distinct(expectation: Expectation) -> tuple[str, ...]:
    """The columns that tell rows apart."""
    return expectation.columns


def judge(expectation: Expectation, measured: Measured) -> Verdict:
    """No larger a share of rows than ``allow`` may share its values with another."""
    duplicates, rows = int(measured["duplicates"]), int(measured[ROWS])
    return Verdict(
        passed=Decimal(duplicates) <= expectation.allow * rows,
        measured=f"{share(duplicates, rows)} share their values with another",
        failing=duplicates,
    )


CHECK = Check(
    name=CheckKind.UNIQUE,
    meaning="Columns whose values, taken together, no two rows share.",
    distinct=distinct,
    judge=judge,
)
