"""``slope(y)``: of the least-squares line, in y per day."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction

from featdsl.reference.aggregates.moments import as_float, distances, products
from featdsl.reference.aggregates.spec import AggregateTwin, Given
from featdsl.reference.arithmetic import micros
from featdsl.reference.calendar import DAY

EPOCH = datetime(1970, 1, 1)


def _compute(given: Given) -> float | None:
    days = [Fraction(micros(time - EPOCH), micros(DAY)) for time in given.times if time is not None]
    apart, ys = distances(days), distances(given.floats)
    together, spread = products(apart, ys), products(apart, apart)
    if together is None or not spread:
        return None
    return as_float(together / spread)


TWIN = AggregateTwin(compute=_compute)
