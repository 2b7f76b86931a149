"""``contains(x, part)``: whether a text stands in another, a value in a list."""

from __future__ import annotations

from featdsl.reference.functions.spec import FunctionTwin

TWIN = FunctionTwin(compute=lambda given: given.args[1] in given.args[0])
