"""``ends_with(x, end)``."""

from __future__ import annotations

from featdsl.reference.functions.spec import FunctionTwin

TWIN = FunctionTwin(compute=lambda given: given.x.endswith(given.args[1]))
