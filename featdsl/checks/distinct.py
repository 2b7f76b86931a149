"""``expect distinct(category) <= 50``: how many different values there are; null is none."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from featdsl.checks.spec import Check, Inputs, Measured, Verdict, holds
from featdsl.ir.program import CheckKind, Expectation
from featdsl.text.amounts import count


def measures(expectation: Expectation, inputs: Inputs) -> Mapping[str, exp.Expr]:
    """The number of different values."""
    values = exp.Distinct(expressions=[inputs.column(expectation.columns[0])])
    return {"values": exp.Count(this=values)}


def judge(expectation: Expectation, measured: Measured) -> Verdict:
    """The number against the bound."""
    values = int(measured["values"])
    return Verdict(passed=holds(values, expectation), measured=count(values, "different value"))


CHECK = Check(
    name=CheckKind.DISTINCT,
    meaning="How many different values a column has; rows without one do not count.",
    measures=measures,
    judge=judge,
)
