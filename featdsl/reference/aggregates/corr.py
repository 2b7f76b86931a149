"""``corr(x, y)``: Pearson's correlation."""

from __future__ import annotations

import math

from featdsl.reference.aggregates.covar import columns
from featdsl.reference.aggregates.moments import distances, products
from featdsl.reference.aggregates.spec import AggregateTwin, Given


def _compute(given: Given) -> float | None:
    xs, ys = map(distances, columns(given))
    together, x, y = products(xs, ys), products(xs, xs), products(ys, ys)
    if len(xs) < 2 or together is None or not x or not y:
        return None
    if not float(x) or not float(y):
        return None  # squares that are too small for float64
    square = together**2 / (x * y)  # exact, so that it is at most 1
    return math.copysign(math.sqrt(square), together)


TWIN = AggregateTwin(compute=_compute, varying=2)
