"""``hours_since(x)``: whole hours from x to the as-of time, floored."""

from __future__ import annotations

from datetime import timedelta

from featdsl.reference.functions.spec import FunctionTwin
from featdsl.reference.values import instant

TWIN = FunctionTwin(compute=lambda given: (given.as_of - instant(given.x)) // timedelta(hours=1))
