"""``avg(x)``: arithmetic mean."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

from featdsl.reference.aggregates.quantile import rounded
from featdsl.reference.aggregates.spec import AggregateTwin, Given
from featdsl.reference.aggregates.sum import total
from featdsl.reference.arithmetic import micros
from featdsl.reference.values import Value


def _compute(given: Given) -> Value:
    values = given.values
    if isinstance(values[0], timedelta):
        return rounded(Fraction(sum(micros(v) for v in values), len(values)))
    if isinstance(values[0], float):
        return total(given.floats) / len(values)
    return float(sum(map(Fraction, values))) / len(values)


TWIN = AggregateTwin(compute=_compute)
