"""``entropy(x)``: Shannon's, in nats."""

from __future__ import annotations

import math
from collections import Counter

from featdsl.reference.aggregates.spec import AggregateTwin, Given


def _compute(given: Given) -> float:
    n = len(given.rows)
    shares = [count / n for count in Counter(given.values).values()]
    return abs(math.fsum(p * math.log(p) for p in shares))


TWIN = AggregateTwin(compute=_compute)
