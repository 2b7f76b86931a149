"""``calendar_days(a, b)``: midnights between two times, in the project's zone."""

from __future__ import annotations

from featdsl.reference.calendar import day_of
from featdsl.reference.functions.spec import FunctionTwin, Given


def _compute(given: Given) -> int:
    a, b = (day_of(x, given.timezone) for x in given.args)
    return (b - a).days


TWIN = FunctionTwin(compute=_compute)
