"""``power(x, y)``: x to the power of y."""

from __future__ import annotations

import math

from featdsl.reference.functions.spec import FunctionTwin, Given


def _compute(given: Given) -> float | None:
    x, y = map(float, given.args)
    try:
        return math.pow(x, y)
    except (ValueError, OverflowError):
        return None


TWIN = FunctionTwin(compute=_compute)
