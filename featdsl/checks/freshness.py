"""``expect freshness <= 1d``: the as-of time less the newest time that is visible then."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlglot import exp

from featdsl.checks.spec import Check, Inputs, Measured, Verdict, compare
from featdsl.ir.program import CheckKind, Expectation
from featdsl.sql import build
from featdsl.types.duration import Duration

_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}


def measures(expectation: Expectation, inputs: Inputs) -> Mapping[str, exp.Expr]:
    """The newest visible time, and the time that is exactly as old as the bound."""
    assert inputs.time is not None and isinstance(expectation.bound, Duration)
    found = {
        "newest": exp.Max(this=inputs.time.copy()),
        "oldest": _as_old(inputs.as_of, expectation.bound),
        "as_of": exp.Max(this=inputs.as_of.copy()),
    }
    if isinstance(expectation.high, Duration):
        found["older"] = _as_old(inputs.as_of, expectation.high)
    return found


def _as_old(as_of: exp.Expr, age: Duration) -> exp.Expr:
    time = exp.cast(build.minus(as_of.copy(), age), exp.DataType.Type.TIMESTAMP)
    return exp.Max(this=time)


def judge(expectation: Expectation, measured: Measured) -> Verdict:
    """The newest time against the bound; where nothing is visible it does not hold."""
    newest: datetime | None = measured["newest"]
    if newest is None:
        return Verdict(passed=False, measured="no row is visible")
    if expectation.op == "not between":
        passed = not measured["older"] <= newest <= measured["oldest"]
    else:
        passed = compare(newest, _TURNED[expectation.op or ""], measured["oldest"])
    return Verdict(
        passed=passed,
        measured=f"the newest row is {age(measured['as_of'] - newest)} old",
    )


def age(length: timedelta) -> str:
    """A length of time in its two largest units: ``2 d 3 h``."""
    micros = length // timedelta(microseconds=1)
    if micros < 0:
        return f"-{age(-length)}"
    parts = []
    for unit, size in (
        ("d", 86_400_000_000),
        ("h", 3_600_000_000),
        ("min", 60_000_000),
        ("s", 1_000_000),
    ):
        amount, micros = divmod(micros, size)
        if amount:
            parts.append(f"{amount:,} {unit}")
    return " ".join(parts[:2]) or "0 s"


CHECK = Check(
    name=CheckKind.FRESHNESS,
    meaning="How far the newest visible row lies before the as-of time.",
    measures=measures,
    judge=judge,
)
