"""``kurtosis(x)``: sample excess kurtosis."""

from __future__ import annotations

from fractions import Fraction

from featdsl.reference.aggregates.skewness import moment
from featdsl.reference.aggregates.spec import AggregateTwin, Given


def _compute(given: Given) -> float | None:
    n = len(given.rows)
    m2, m4 = moment(given, 2), moment(given, 4)
    if n < 4 or m2 is None or m4 is None:
        return None
    excess = (n + 1) * (m4 / m2**2 - 3) + 6
    return float(Fraction(n - 1, (n - 2) * (n - 3)) * excess)


TWIN = AggregateTwin(compute=_compute)
