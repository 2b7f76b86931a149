"""``round(x, digits)``: half away from zero."""

from __future__ import annotations

from decimal import Decimal

from featdsl.reference.casts import float_half_away, half_away
from featdsl.reference.functions.spec import FunctionTwin, Given
from featdsl.reference.values import Value


def _compute(given: Given) -> Value:
    x, digits = given.x, given.arg(1, 0)
    if isinstance(x, float):
        return float_half_away(x, digits)
    return half_away(Decimal(x), digits)


TWIN = FunctionTwin(compute=_compute)
