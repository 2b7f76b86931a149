"""``expect drift(amount) < 0.2``: how far a distribution has moved since the last published run."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from sqlglot import exp

from featdsl.checks.spec import BEFORE, Check, Inputs, Kept, Measured, Verdict, holds
from featdsl.ir.expr import Scalar
from featdsl.ir.program import CheckKind, Expectation
from featdsl.sql import build, statements
from featdsl.types.dtype import DType, Kind

FLOOR = 0.0001
"""Least share that a bin is taken to hold, so that an empty one gives a finite term."""

DECILES = tuple(Decimal(i) / 10 for i in range(1, 10))
CATEGORIES = 50
"""Most values of a text that have a bin of their own."""
LONGEST = 200
"""Characters: a longer text has no bin of its own."""


def measures(expectation: Expectation, inputs: Inputs) -> Mapping[str, exp.Expr]:
    """Rows in each bin of the earlier run; none where there is no such run."""
    if inputs.before is None:
        return {}
    return bin_counts(
        inputs.column(expectation.columns[0]), dtype_of(expectation), inputs.before.edges
    )


def dtype_of(expectation: Expectation) -> DType:
    """The type of the column that is compared."""
    assert expectation.dtype is not None, "semantics knows the type of what may drift"
    return expectation.dtype


def has_categories(dtype: DType) -> bool:
    """Whether bins are values; else they are intervals."""
    return dtype.kind in (Kind.TEXT, Kind.BOOL)


def bin_counts(value: exp.Expr, dtype: DType, edges: Sequence[str]) -> dict[str, exp.Expr]:
    """Rows of each bin, those above or other, those without a value."""
    known = build.is_null(value.copy(), negated=True)
    ends = [build.literal(_read(edge, dtype), dtype) for edge in edges]
    conditions: list[exp.Expr] = []
    if has_categories(dtype):
        conditions += [exp.EQ(this=value.copy(), expression=end) for end in ends]
        rest = exp.In(this=value.copy(), expressions=[e.copy() for e in ends])
        conditions.append(exp.Not(this=exp.Paren(this=rest)) if ends else known)
    else:
        for i, end in enumerate(ends):
            above = exp.GT(this=value.copy(), expression=ends[i - 1].copy()) if i else None
            below = exp.LTE(this=value.copy(), expression=end)
            inside = build.all_of([above, below])
            assert inside is not None
            conditions.append(inside)
        last = exp.GT(this=value.copy(), expression=ends[-1].copy()) if ends else known
        conditions.append(last)
    conditions.append(build.is_null(value.copy()))
    return {f"bin {i}": statements.count_where(c) for i, c in enumerate(conditions)}


def _read(edge: str, dtype: DType) -> Scalar:
    match dtype.kind:
        case Kind.BOOL:
            return edge == "true"
        case Kind.INT:
            return int(edge)
        case Kind.FLOAT:
            return float(edge)
        case Kind.DECIMAL:
            return Decimal(edge)
        case _:
            return edge


def judge(expectation: Expectation, measured: Measured) -> Verdict:
    """The index against the bound; without rows on a side there is nothing to compare."""
    before = measured.get(BEFORE)
    if not isinstance(before, Kept):
        return Verdict(passed=True, measured="no earlier run to compare with")
    now = [int(measured[f"bin {i}"]) for i in range(len(before.counts))]
    if not sum(now) or not sum(before.counts):
        when = "now" if not sum(now) else "in the earlier run"
        return Verdict(passed=True, measured=f"no rows {when}: nothing to compare")
    index = stability_index(before.counts, now)
    return Verdict(
        passed=holds(Fraction(index), expectation, Fraction),
        measured=f"the index is {index:.4g}",
    )


def stability_index(before: Sequence[int], now: Sequence[int]) -> float:
    """The population stability index of two distributions over the same bins.

    Args:
        before: Rows in each bin then; at least one in all.
        now: Rows in each of the same bins now; at least one in all.

    Returns:
        The sum over bins of ``(a - e) * ln(a / e)`` for the shares e then and a now, each at
        least `FLOOR`: 0 for equal shares, in nats.

    Source:
        Jeffreys' divergence: Kullback & Leibler, "On Information and Sufficiency",
        Ann. Math. Statist. 22(1):79-86, 1951.
    """
    rows = sum(before), sum(now)
    shares = [
        (max(e / rows[0], FLOOR), max(a / rows[1], FLOOR)) for e, a in zip(before, now, strict=True)
    ]
    return math.fsum((a - e) * math.log(a / e) for e, a in shares)


CHECK = Check(
    name=CheckKind.DRIFT,
    meaning=(
        "How far a column's distribution has moved since the last published run: the population "
        "stability index over that run's deciles (of texts and truth: its 50 most frequent values, "
        "and all others), with a bin for nulls, and shares of at least 0.0001."
    ),
    measures=measures,
    judge=judge,
    compares=True,
)
