"""``histogram(x)``: how often each value occurs."""

from __future__ import annotations

from collections import Counter

from featdsl.reference.aggregates.spec import AggregateTwin, Given
from featdsl.reference.stop import Stopped
from featdsl.reference.values import Value


def _compute(given: Given) -> Value:
    counts = Counter(given.values)
    if len(counts) > 1_000:
        raise Stopped("a map of more than 1,000 keys")
    return dict(sorted(counts.items()))


TWIN = AggregateTwin(compute=_compute)
