"""Whether two trees say the same, wherever it stands."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from featdsl.syntax import nodes
from featdsl.syntax.depth import part_names


def alike(a: Any, b: Any) -> bool:
    """Compare nodes without their spans; ``count(*)`` and ``count(distinct x)`` in either form."""
    if type(a) is not type(b):
        return False
    if isinstance(a, nodes.Call):
        a, b = _canonical(a), _canonical(b)
    if isinstance(a, nodes.Node):
        return all(alike(getattr(a, name), getattr(b, name)) for name in part_names(type(a)))
    if isinstance(a, tuple):
        return len(a) == len(b) and all(map(alike, a, b))
    return bool(a == b)


def _canonical(call: nodes.Call) -> nodes.Call:
    if call.func.text != "count":
        return call
    if call.distinct:
        word = replace(call.func.parts[0], text="count_distinct")
        return replace(call, func=replace(call.func, parts=(word,)), distinct=False)
    return replace(call, star=False)
