"""``clip(x, lo, hi)``: x, raised to lo where it is less, then lowered to hi where it is more."""

from __future__ import annotations

from featdsl.reference.functions.spec import FunctionTwin, Given
from featdsl.reference.values import Value, less


def _compute(given: Given) -> Value:
    x, low, high = given.alike()
    raised = low if less(x, low) else x
    return high if less(high, raised) else raised


TWIN = FunctionTwin(compute=_compute)
