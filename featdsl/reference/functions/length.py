"""``length(x)``: number of code points, items or keys."""

from __future__ import annotations

from featdsl.reference.functions.spec import FunctionTwin

TWIN = FunctionTwin(compute=lambda given: len(given.x))
