"""``ceil(x)``: the smallest whole number that is not less than x."""

from __future__ import annotations

import math
from decimal import Decimal

from featdsl.reference.functions.spec import FunctionTwin, Given
from featdsl.reference.values import Value


def _compute(given: Given) -> Value:
    x = given.x
    return float(math.ceil(x)) if isinstance(x, float) else Decimal(math.ceil(x))


TWIN = FunctionTwin(compute=_compute)
