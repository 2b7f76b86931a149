"""``nullif(a, b)``: null where a equals b, else a."""

from __future__ import annotations

from featdsl.reference.functions.spec import FunctionTwin, Given
from featdsl.reference.values import Value, equal


def _compute(given: Given) -> Value:
    return None if equal(*given.alike()) else given.x


TWIN = FunctionTwin(compute=_compute, null_safe=True)
