"""``extract(x, pattern)``: what a regular expression matches first; its first group, if any."""

from __future__ import annotations

from featdsl.reference.functions.spec import FunctionTwin, Given
from featdsl.reference.patterns import compiled


def _compute(given: Given) -> str | None:
    text, pattern = given.args
    match = compiled(pattern).search(text)
    if match is None:
        return None
    return match[1] or "" if match.re.groups else match[0]


TWIN = FunctionTwin(compute=_compute)
