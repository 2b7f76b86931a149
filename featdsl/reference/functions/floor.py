"""``floor(x)``: the largest whole number that is not more than x."""

from __future__ import annotations

import math
from decimal import Decimal

from featdsl.reference.functions.spec import FunctionTwin, Given
from featdsl.reference.values import Value


def _compute(given: Given) -> Value:
    x = given.x
    return float(math.floor(x)) if isinstance(x, float) else Decimal(math.floor(x))


TWIN = FunctionTwin(compute=_compute)
