"""``corr(x, y)``: Pearson's correlation."""

from __future__ import annotations

import math
from fractions import Fraction

from featdsl.reference.aggregates.covar import columns
from featdsl.reference.aggregates.moments import distances, products
from featdsl.reference.aggregates.spec import AggregateTwin, Given
from featdsl.types.dtype import Kind


def _compute(given: Given) -> float | None:
    xs, ys = map(distances, columns(given))
    together, x, y = products(xs, ys), products(xs, xs), products(ys, ys)
    if len(xs) < 2 or together is None or not x or not y:
        return None
    least = Fraction(1e-200) * len(xs)
    floats = [t.kind is Kind.FLOAT for t in given.dtypes]
    if any(s < least for s, is_float in zip((x, y), floats, strict=True) if is_float):
        return None
    square = together**2 / (x * y)  # exact, so that it is at most 1
    return math.copysign(math.sqrt(square), together)


TWIN = AggregateTwin(compute=_compute, varying=2)
