"""``mod(a, b)``: the remainder, with the sign of the divisor."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

from featdsl.reference.arithmetic import floored
from featdsl.reference.functions.spec import FunctionTwin, Given
from featdsl.reference.values import EXACT, Value


def _compute(given: Given) -> Value:
    a, b = given.alike()
    if b == 0:
        return None
    if isinstance(a, float) or isinstance(b, float):
        rest = math.fmod(a, b)
        return rest + float(b) if rest and (rest < 0) != (b < 0) else rest
    exact = Fraction(a) - Fraction(b) * floored(a, b)
    return EXACT.divide(Decimal(exact.numerator), Decimal(exact.denominator))


TWIN = FunctionTwin(compute=_compute)
