"""``days_between(a, b)``: whole 24-hour periods from a to b, floored."""

from __future__ import annotations

from featdsl.reference.calendar import DAY
from featdsl.reference.functions.spec import FunctionTwin, Given
from featdsl.reference.values import instant


def _compute(given: Given) -> int:
    a, b = map(instant, given.args)
    return (b - a) // DAY


TWIN = FunctionTwin(compute=_compute)
