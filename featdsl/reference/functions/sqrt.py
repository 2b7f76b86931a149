"""``sqrt(x)``: null below 0."""

from __future__ import annotations

import math

from featdsl.reference.functions.spec import FunctionTwin

TWIN = FunctionTwin(compute=lambda given: math.sqrt(given.x) if given.x >= 0 else None)
