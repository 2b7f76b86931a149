"""``starts_with(x, start)``."""

from __future__ import annotations

from featdsl.reference.functions.spec import FunctionTwin

TWIN = FunctionTwin(compute=lambda given: given.x.startswith(given.args[1]))
