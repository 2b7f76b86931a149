"""``substring(x, start, length)``: from a position, of which the first is 1."""

from __future__ import annotations

from featdsl.reference.functions.spec import FunctionTwin, Given


def _compute(given: Given) -> str:
    begin = given.args[1] - 1
    end = begin + given.arg(2, len(given.x))
    return str(given.x[begin:end])


TWIN = FunctionTwin(compute=_compute)
