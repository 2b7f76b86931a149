"""``date_trunc("day", x)``: the first instant of the unit that x lies in."""

from __future__ import annotations

from featdsl.reference.calendar import start_of
from featdsl.reference.functions.spec import FunctionTwin, Given
from featdsl.reference.values import Value


def _compute(given: Given) -> Value:
    unit, x = given.args
    return start_of(unit, x, given.timezone)


TWIN = FunctionTwin(compute=_compute)
