"""``skewness(x)``: adjusted Fisher-Pearson."""

from __future__ import annotations

import math
from fractions import Fraction

from featdsl.reference.aggregates.moments import distances, mean
from featdsl.reference.aggregates.spec import AggregateTwin, Given


def _compute(given: Given) -> float | None:
    n = len(given.rows)
    m2 = moment(given, 2)
    if n < 3 or m2 is None:
        return None
    m3 = moment(given, 3)
    assert m3 is not None
    return math.sqrt(n * (n - 1)) / (n - 2) * float(m3) / math.pow(m2, 1.5)


def moment(given: Given, k: int) -> Fraction | None:
    """Mean of the k-th powers of the distances from the mean; null where they do not vary.

    Of floats also where one is larger than 1e60 in size, or the squares are below 1e-100.
    """
    apart = distances(given.floats)
    if not any(apart):
        return None
    if isinstance(given.values[0], float):
        extreme = any(abs(v) > 1e60 for v in given.values)
        if extreme or mean([d**2 for d in apart]) < Fraction(1e-100):
            return None
    return mean([d**k for d in apart])


TWIN = AggregateTwin(compute=_compute)
