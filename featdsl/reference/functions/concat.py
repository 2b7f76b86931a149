"""``concat(a, b, …)``: the texts one after the other."""

from __future__ import annotations

from featdsl.reference.functions.spec import FunctionTwin

TWIN = FunctionTwin(compute=lambda given: "".join(given.args))
