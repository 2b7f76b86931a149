"""``matches(x, pattern)``: whether a regular expression matches somewhere in x."""

from __future__ import annotations

from featdsl.reference.functions.spec import FunctionTwin, Given
from featdsl.reference.patterns import compiled


def _compute(given: Given) -> bool:
    text, pattern = given.args
    return compiled(pattern).search(text) is not None


TWIN = FunctionTwin(compute=_compute)
