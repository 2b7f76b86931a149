"""``element(x, i)``: the item at a position, from 1 on or back from -1."""

from __future__ import annotations

from featdsl.reference.functions.spec import FunctionTwin, Given
from featdsl.reference.values import Value


def _compute(given: Given) -> Value:
    x, i = given.args
    return x[i - 1 if i > 0 else i] if 0 < abs(i) <= len(x) else None


TWIN = FunctionTwin(compute=_compute)
