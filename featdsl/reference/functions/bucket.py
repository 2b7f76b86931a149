"""``bucket(x, [0, 10])``: number of edges that are not more than x."""

from __future__ import annotations

from featdsl.reference.functions.spec import FunctionTwin, Given
from featdsl.reference.values import less


def _compute(given: Given) -> int:
    return sum(less(given.x, edge) is False for edge in given.args[1])


TWIN = FunctionTwin(compute=_compute)
