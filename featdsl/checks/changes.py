"""``expect rows() changes < 20%``: a number against that of the last published run."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import inf

from sqlglot import exp

from featdsl.checks.spec import BEFORE, Check, Inputs, Kept, Measured, Verdict, holds, show
from featdsl.ir.program import CheckKind, Expectation

VALUE = "value"


def measures(expectation: Expectation, inputs: Inputs) -> Mapping[str, exp.Expr]:
    """The number."""
    assert inputs.condition is not None
    return {VALUE: inputs.condition.copy()}


def judge(expectation: Expectation, measured: Measured) -> Verdict:
    """How far the number is from the earlier one, as a share of that; null on a side holds."""
    value, before = measured[VALUE], measured.get(BEFORE)
    if not isinstance(before, Kept):
        return Verdict(passed=True, measured=f"{show(value)}; no earlier run to compare with")
    if value is None or before.value is None:
        return Verdict(passed=True, measured=f"{show(value)} after {before.value or 'null'}")
    now, then = Fraction(value), Fraction(before.value)
    change = _share(now, then)
    said = "more than any share" if change == inf else f"{float(100 * change):.4g}%"
    return Verdict(
        passed=holds(change, expectation, Fraction),
        measured=f"{show(value)} after {before.value}, a change of {said}",
    )


def _share(now: Fraction, then: Fraction) -> Fraction | float:
    if then == 0:
        return Fraction(0) if now == 0 else inf
    return abs(now - then) / abs(then)


CHECK = Check(
    name=CheckKind.CHANGES,
    meaning=(
        "How far a number is from that of the last published run: the difference as a share of "
        "the earlier one, without sign; of 0, any other number is an infinite change. It holds "
        "where there is no earlier run, and where one of the two is null."
    ),
    measures=measures,
    judge=judge,
    compares=True,
    whole=True,
)
