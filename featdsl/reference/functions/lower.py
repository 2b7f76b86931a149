"""``lower(x)``: each code point by its simple mapping."""

from __future__ import annotations

from featdsl.reference.functions.spec import FunctionTwin, Given


def _compute(given: Given) -> str:
    # `İ` alone has more than one: its simple mapping is the first of them.
    return "".join(c.lower()[0] for c in given.x)


TWIN = FunctionTwin(compute=_compute)
