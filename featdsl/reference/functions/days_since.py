"""``days_since(x)``: whole 24-hour periods from x to the as-of time, floored."""

from __future__ import annotations

from featdsl.reference.calendar import DAY
from featdsl.reference.functions.spec import FunctionTwin
from featdsl.reference.values import instant

TWIN = FunctionTwin(compute=lambda given: (given.as_of - instant(given.x)) // DAY)
