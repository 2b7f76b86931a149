"""``vec_avg(x)``: the mean at each place of lists of numbers."""

from __future__ import annotations

from fractions import Fraction

from featdsl.reference.aggregates.spec import AggregateTwin, Given
from featdsl.reference.values import Value


def _compute(given: Given) -> Value:
    vectors = [v for v in given.values if None not in v]
    if not vectors or len({len(v) for v in vectors}) > 1:
        return None
    return tuple(_mean([float(x) for x in column]) for column in zip(*vectors, strict=True))


def _mean(values: list[float]) -> float | None:
    try:
        total = sum(values)
        exact = float(sum(map(Fraction, values)) / len(values))
    except OverflowError:
        return None
    return exact if abs(total) != float("inf") else None


TWIN = AggregateTwin(compute=_compute)
