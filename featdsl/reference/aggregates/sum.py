"""``sum(x)``: exact, but of floats."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from functools import reduce

from featdsl.reference.aggregates.spec import AggregateTwin, Given
from featdsl.reference.values import EXACT, Value


def _compute(given: Given) -> Value:
    values = given.values
    if isinstance(values[0], float):
        return total(given.floats)
    if isinstance(values[0], timedelta):
        return sum(values, timedelta(0))
    if isinstance(values[0], Decimal):
        return reduce(EXACT.add, values)
    return sum(values)


def total(values: Sequence[float]) -> float:
    """The float next to the exact sum; infinite where it leaves the range."""
    exact = sum(map(Fraction, values), Fraction(0))
    try:
        return float(exact)
    except OverflowError:
        return math.inf


TWIN = AggregateTwin(compute=_compute)
