"""``top_k(x, k)``: the most frequent values; of equally frequent ones the smaller first."""

from __future__ import annotations

from collections import Counter

from featdsl.reference.aggregates.spec import AggregateTwin, Given
from featdsl.reference.values import Value


def _compute(given: Given) -> Value:
    counts = Counter(given.values)
    return tuple(sorted(counts, key=lambda value: (-counts[value], value))[: given.constants[0]])


TWIN = AggregateTwin(compute=_compute)
