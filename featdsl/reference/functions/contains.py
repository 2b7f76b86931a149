"""``contains(x, part)``: whether a text, or an item, stands in another."""

from __future__ import annotations

from featdsl.reference.functions.spec import FunctionTwin, Given
from featdsl.reference.values import equal


def _compute(given: Given) -> bool:
    x, part = given.args
    if isinstance(x, str):
        return part in x
    return any(equal(item, part) is True for item in x)


TWIN = FunctionTwin(compute=_compute)
