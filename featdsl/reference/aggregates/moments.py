"""Distances from the mean, exact, from which variances are made.

Values are float64 first. What would leave the range of float64 on the way is null.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction


def mean(values: Sequence[float | Fraction]) -> Fraction:
    return sum((Fraction(v) for v in values), Fraction(0)) / len(values)


def distances(values: Sequence[float | Fraction]) -> list[Fraction]:
    """Of each value from their mean."""
    middle = mean(values)
    return [Fraction(v) - middle for v in values]


def products(xs: Sequence[Fraction], ys: Sequence[Fraction]) -> Fraction | None:
    """The sum of products; null where one, or the sum, leaves the range of float64."""
    each = [x * y for x, y in zip(xs, ys, strict=True)]
    total = sum(each, Fraction(0))
    return total if all(as_float(v) is not None for v in (*each, total)) else None


def squares(values: Sequence[float]) -> Fraction | None:
    """Squared distances from the mean, summed."""
    apart = distances(values)
    return products(apart, apart)


def as_float(value: Fraction) -> float | None:
    try:
        return float(value)
    except OverflowError:
        return None


def root(value: float | None) -> float | None:
    return None if value is None else math.sqrt(value)
