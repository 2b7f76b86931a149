"""``replace(x, old, new)``."""

from __future__ import annotations

from featdsl.reference.functions.spec import FunctionTwin, Given


def _compute(given: Given) -> str:
    x, old, new = given.args
    return str(x.replace(old, new)) if old else str(x)


TWIN = FunctionTwin(compute=_compute)
