"""``nullif(a, b)``: null where a equals b, else a."""

from __future__ import annotations

from featdsl.reference.functions.spec import FunctionTwin
from featdsl.reference.values import equal

TWIN = FunctionTwin(compute=lambda given: None if equal(*given.args) else given.x, null_safe=True)
