"""``reverse(x)``: the items, the last first."""

from __future__ import annotations

from featdsl.reference.functions.spec import FunctionTwin

TWIN = FunctionTwin(compute=lambda given: given.x[::-1])
