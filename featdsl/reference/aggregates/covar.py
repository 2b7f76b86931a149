"""``covar(x, y)``: sample covariance."""

from __future__ import annotations

from featdsl.reference.aggregates.moments import as_float, distances, products
from featdsl.reference.aggregates.spec import AggregateTwin, Given


def _compute(given: Given) -> float | None:
    n = len(given.rows)
    if n < 2:
        return None
    summed = products(*(distances(column) for column in columns(given)))
    return None if summed is None else as_float(summed / (n - 1))


def columns(given: Given) -> tuple[list[float], list[float]]:
    """Both arguments as float64."""
    return given.floats, given.floats_of(1)


TWIN = AggregateTwin(compute=_compute, varying=2)
