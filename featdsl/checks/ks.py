"""``expect ks(amount) < 0.1``: the largest distance of two distributions of numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate

from sqlglot import exp

from featdsl.checks.drift import bin_counts, dtype_of
from featdsl.checks.spec import BEFORE, Check, Inputs, Kept, Measured, Verdict, holds
from featdsl.ir.program import CheckKind, Expectation

PERCENTILES = tuple(Decimal(i) / 100 for i in range(1, 100))


def measures(expectation: Expectation, inputs: Inputs) -> Mapping[str, exp.Expr]:
    """Rows between the percentiles of the earlier run; none where there is no such run."""
    if inputs.before is None:
        return {}
    return bin_counts(
        inputs.column(expectation.columns[0]), dtype_of(expectation), inputs.before.edges
    )


def judge(expectation: Expectation, measured: Measured) -> Verdict:
    """The distance against the bound; without values on a side there is nothing to compare."""
    before = measured.get(BEFORE)
    if not isinstance(before, Kept):
        return Verdict(passed=True, measured="no earlier run to compare with")
    now = [int(measured[f"bin {i}"]) for i in range(len(before.counts))]
    if not sum(now[:-1]) or not sum(before.counts[:-1]):
        when = "now" if not sum(now[:-1]) else "in the earlier run"
        return Verdict(passed=True, measured=f"no values {when}: nothing to compare")
    found = distance(before.counts[:-1], now[:-1])
    return Verdict(
        passed=holds(found, expectation, Fraction),
        measured=f"the distance is {float(found):.4g}",
    )


def distance(before: Sequence[int], now: Sequence[int]) -> Fraction:
    """The largest difference of the shares of values up to the end of a bin.

    Args:
        before: Values in each bin then; at least one in all.
        now: Values in each of the same bins now; at least one in all.

    Returns:
        From 0, where all shares are equal, to 1.

    Source:
        The statistic of Smirnov, Bull. Math. Univ. Moscou 2(2), 1939, at the bins' ends: where
        those are percentiles it is at most 0.01 less than between all values.
    """
    sizes = sum(before), sum(now)
    pairs = zip(accumulate(before), accumulate(now), strict=True)
    return max(abs(Fraction(e, sizes[0]) - Fraction(a, sizes[1])) for e, a in pairs)


CHECK = Check(
    name=CheckKind.KS,
    meaning=(
        "How far a column of numbers has moved since the last published run: the largest "
        "difference, at the percentiles of that run, between the shares of values up to there "
        "(Kolmogorov and Smirnov's distance); rows without a value do not count."
    ),
    measures=measures,
    judge=judge,
    compares=True,
)
