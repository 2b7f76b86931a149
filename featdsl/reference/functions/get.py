"""``get(x, key)``: the value of a map for a key."""

from __future__ import annotations

from featdsl.reference.functions.spec import FunctionTwin

TWIN = FunctionTwin(compute=lambda given: given.x.get(given.args[1]))
