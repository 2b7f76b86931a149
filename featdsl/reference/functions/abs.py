"""``abs(x)``: x without its sign."""

from __future__ import annotations

from decimal import Decimal

from featdsl.reference.functions.spec import FunctionTwin, Given
from featdsl.reference.values import Value


def _compute(given: Given) -> Value:
    return given.x.copy_abs() if isinstance(given.x, Decimal) else abs(given.x)


TWIN = FunctionTwin(compute=_compute)
