"""``ln(x)``: natural logarithm."""

from __future__ import annotations

import math

from featdsl.reference.functions.spec import FunctionTwin

TWIN = FunctionTwin(compute=lambda given: math.log(given.x) if given.x > 0 else None)
