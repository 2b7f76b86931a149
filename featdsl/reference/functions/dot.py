"""``dot(a, b)``: products of the items of two vectors, summed."""

from __future__ import annotations

import math

from featdsl.reference.functions.spec import FunctionTwin, Given
from featdsl.reference.values import Value


def dot(a: tuple[Value, ...], b: tuple[Value, ...]) -> float | None:
    """The sum of products; null where there is none."""
    if len(a) != len(b) or None in (*a, *b):
        return None
    products = [float(x) * float(y) for x, y in zip(a, b, strict=True)]
    try:
        return math.fsum(products)
    except (OverflowError, ValueError):
        return None


def _compute(given: Given) -> Value:
    return dot(*given.args)


TWIN = FunctionTwin(compute=_compute)
