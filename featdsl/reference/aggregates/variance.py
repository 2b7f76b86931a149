"""``variance(x)``: squared distances from the mean over n - 1."""

from __future__ import annotations

from collections.abc import Sequence

from featdsl.reference.aggregates.moments import as_float, squares
from featdsl.reference.aggregates.spec import AggregateTwin, Given


def _compute(given: Given) -> float | None:
    return variance(given.floats, 1)


def variance(values: Sequence[float], less: int) -> float | None:
    """Squared distances from the mean, summed, over n, or n - 1; null where that is 0."""
    summed = squares(values)
    n = len(values) - less
    return None if summed is None or n == 0 else as_float(summed / n)


TWIN = AggregateTwin(compute=_compute)
