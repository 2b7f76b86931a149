"""``slope(y)``: of the least-squares line, in y per day."""

from __future__ import annotations

from featdsl.reference.aggregates.moments import as_float, distances, products
from featdsl.reference.aggregates.spec import AggregateTwin, Given
from featdsl.reference.arithmetic import micros
from featdsl.reference.calendar import DAY


def _compute(given: Given) -> float | None:
    days = [-age / micros(DAY) for age in given.ages()]
    apart, ys = distances(days), distances(given.floats)
    together, spread = products(apart, ys), products(apart, apart)
    if together is None or not spread:
        return None
    return as_float(together / spread)


TWIN = AggregateTwin(compute=_compute)
