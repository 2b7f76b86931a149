"""``cosine(a, b)``: of the angle between two vectors."""

from __future__ import annotations

import math

from featdsl.reference.functions.dot import dot
from featdsl.reference.functions.spec import FunctionTwin, Given
from featdsl.reference.values import Value


def _compute(given: Given) -> Value:
    a, b = given.args
    product, x, y = dot(a, b), dot(a, a), dot(b, b)
    sums = [s for s in (product, x, y) if s is not None and math.isfinite(s)]
    if product is None or x is None or y is None or len(sums) < 3 or min(x, y) < 1e-200:
        return None
    return max(-1.0, min(1.0, product / (math.sqrt(x) * math.sqrt(y))))


TWIN = FunctionTwin(compute=_compute)
