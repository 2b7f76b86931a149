"""``keys(x)``: the keys of a map, in order."""

from __future__ import annotations

from featdsl.reference.functions.spec import FunctionTwin

TWIN = FunctionTwin(compute=lambda given: tuple(sorted(given.x)))
