"""``days_until(x)``: whole 24-hour periods from the as-of time to x, floored."""

from __future__ import annotations

from featdsl.reference.calendar import DAY
from featdsl.reference.functions.spec import FunctionTwin
from featdsl.reference.values import instant

TWIN = FunctionTwin(compute=lambda given: (instant(given.x) - given.as_of) // DAY)
