"""``expect rows() > 0``: how many rows the set holds."""

from __future__ import annotations

from featdsl.checks.spec import ROWS, Check, Measured, Verdict, holds
from featdsl.ir.program import CheckKind, Expectation
from featdsl.text.amounts import count


def judge(expectation: Expectation, measured: Measured) -> Verdict:
    """The number of rows against the bound."""
    rows = int(measured[ROWS])
    return Verdict(
        passed=holds(rows, expectation),
        measured=count(rows, "row"),
    )


CHECK = Check(name=CheckKind.ROW_COUNT, meaning="How many rows the set holds.", judge=judge)
