"""``mode(x)``: the most frequent value; of equally frequent ones the smallest."""

from __future__ import annotations

from collections import Counter

from featdsl.reference.aggregates.spec import AggregateTwin, Given
from featdsl.reference.values import Value


def _compute(given: Given) -> Value:
    counts = Counter(given.values)
    return min(counts, key=lambda value: (-counts[value], value))


TWIN = AggregateTwin(compute=_compute)
