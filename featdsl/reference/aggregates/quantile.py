"""``quantile(x, q)``: continuous."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta
from fractions import Fraction

from featdsl.reference.aggregates.spec import AggregateTwin, Given
from featdsl.reference.arithmetic import micros
from featdsl.reference.values import Value


def _compute(given: Given) -> Value:
    return quantile(given.values, given.constants[0])


def quantile(values: Sequence[Value], q: Value) -> Value:
    """The value at position q * (n - 1) of the sorted ones, linear between its neighbours."""
    if isinstance(values[0], timedelta):
        return rounded(_between(sorted(Fraction(micros(v)) for v in values), q))
    # Exact between floats, and one rounding at the end.
    return float(_between(sorted(Fraction(float(v)) for v in values), q))


def rounded(length: Fraction) -> timedelta:
    """So many microseconds, rounded half away from zero."""
    size = math.floor(abs(length) + Fraction(1, 2))
    return timedelta(microseconds=size if length >= 0 else -size)


def _between(ordered: Sequence[Fraction], q: Value) -> Fraction:
    position = Fraction(float(q)) * (len(ordered) - 1)
    below = math.floor(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)


TWIN = AggregateTwin(compute=_compute)
