"""``log(x, base)``: logarithm, to the base 10 without one."""

from __future__ import annotations

import math

from featdsl.reference.functions.spec import FunctionTwin, Given


def _compute(given: Given) -> float | None:
    x, base = given.x, given.arg(1, 10)
    if x <= 0 or base <= 0 or base == 1:
        return None
    return math.log(x) / math.log(base)


TWIN = FunctionTwin(compute=_compute)
