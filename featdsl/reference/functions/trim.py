"""``trim(x)``: without the white space of ASCII at both ends."""

from __future__ import annotations

from featdsl.reference.functions.spec import FunctionTwin

TWIN = FunctionTwin(compute=lambda given: given.x.strip(" \t\n\v\f\r"))
