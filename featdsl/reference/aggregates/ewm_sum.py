"""``ewm_sum(x, half_life)``: each value halved for every half-life of its age."""

from __future__ import annotations

import math
from datetime import timedelta

from featdsl.reference.aggregates.spec import AggregateTwin, Given
from featdsl.reference.aggregates.sum import total


def _compute(given: Given) -> float:
    half_life: timedelta = given.constants[0]
    faded = []
    for x, time in zip(given.floats, given.times, strict=True):
        assert time is not None
        faded.append(x * 0.5 ** ((given.as_of - time) / half_life))
    return total(faded) if all(map(math.isfinite, faded)) else math.inf


TWIN = AggregateTwin(compute=_compute)
