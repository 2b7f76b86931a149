"""``sign(x)``: 1, -1 or 0."""

from __future__ import annotations

from datetime import timedelta

from featdsl.reference.functions.spec import FunctionTwin, Given


def _compute(given: Given) -> int:
    zero = timedelta(0) if isinstance(given.x, timedelta) else 0
    return int(given.x > zero) - int(given.x < zero)


TWIN = FunctionTwin(compute=_compute)
