"""``expect avg(amount) between 5 and 9``: a condition on aggregates of all rows."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from featdsl.checks.spec import ROWS, Check, Inputs, Measured, Verdict, show
from featdsl.ir.program import CheckKind, Expectation

_HOLDS = "holds"


def measures(expectation: Expectation, inputs: Inputs) -> Mapping[str, exp.Expr]:
    """Whether the condition is true, and the aggregates that it speaks of."""
    assert inputs.condition is not None
    return {_HOLDS: inputs.condition.copy(), **inputs.parts}


def judge(expectation: Expectation, measured: Measured) -> Verdict:
    """A condition that is null holds, as it does of a row."""
    holds = measured[_HOLDS]
    said = [f"{n} is {show(v)}" for n, v in measured.items() if n not in (_HOLDS, ROWS)]
    return Verdict(passed=holds is None or bool(holds), measured=", ".join(said))


CHECK = Check(
    name=CheckKind.AGGREGATE,
    meaning="A condition on aggregates of all rows; one that is null holds.",
    measures=measures,
    judge=judge,
    whole=True,
)
