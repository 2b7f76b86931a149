"""``coalesce(a, b, …)``: the first value that is not null."""

from __future__ import annotations

from featdsl.reference.functions.spec import FunctionTwin, Given
from featdsl.reference.values import Value


def _compute(given: Given) -> Value:
    return next((v for v in given.args if v is not None), None)


TWIN = FunctionTwin(compute=_compute, null_safe=True)
