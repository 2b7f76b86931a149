"""``collect(x, last: n)``: the values, or the newest n of them, oldest first."""

from __future__ import annotations

from featdsl.reference.aggregates.spec import AggregateTwin, Given
from featdsl.reference.stop import Stopped
from featdsl.reference.values import Value


def _compute(given: Given) -> Value:
    if given.constants:
        return tuple(given.values[-given.constants[0] :])
    if len(given.values) > 1_000:
        raise Stopped("a list of more than 1,000 values")
    return tuple(given.values)


TWIN = AggregateTwin(compute=_compute)
