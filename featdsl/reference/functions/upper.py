"""``upper(x)``: each code point by its simple mapping."""

from __future__ import annotations

from featdsl.reference.functions.spec import FunctionTwin, Given


def _compute(given: Given) -> str:
    return "".join(map(_simple, given.x))


def _simple(c: str) -> str:
    """One code point for one; `ᾳ` becomes `ᾼ`, which title case has, and `ß` becomes `ẞ`."""
    if c == "ß":
        return "ẞ"
    return next((mapped for mapped in (c.upper(), c.title()) if len(mapped) == 1), c)


TWIN = FunctionTwin(compute=_compute)
