"""``longest_streak(p)``, ``longest_streak(time, step: 1d)``."""

from __future__ import annotations

from featdsl.reference.aggregates.spec import AggregateTwin, Given
from featdsl.reference.aggregates.streak import length, runs, steps
from featdsl.reference.values import Value


def _compute(given: Given) -> Value:
    if not given.constants:
        return max(runs(given.values))
    start, before = steps(given)
    starts = set(map(start, given.values))
    return max(length(starts, first, before) for first in starts)


TWIN = AggregateTwin(compute=_compute)
