"""``split(x, separator)``: the parts between separators."""

from __future__ import annotations

from featdsl.reference.functions.spec import FunctionTwin, Given
from featdsl.reference.values import Value


def _compute(given: Given) -> Value:
    x, separator = given.args
    return tuple(x.split(separator)) if separator else (x,)


TWIN = FunctionTwin(compute=_compute)
