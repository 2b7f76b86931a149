"""``exp(x)``: e to the power of x."""

from __future__ import annotations

import math

from featdsl.reference.functions.spec import FunctionTwin, Given


def _compute(given: Given) -> float | None:
    try:
        return math.exp(given.x)
    except OverflowError:
        return None


TWIN = FunctionTwin(compute=_compute)
