"""``values(x)``: the values of a map, in the order of its keys."""

from __future__ import annotations

from featdsl.reference.functions.spec import FunctionTwin

TWIN = FunctionTwin(compute=lambda given: tuple(given.x[key] for key in sorted(given.x)))
