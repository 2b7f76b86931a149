"""Rewriting syntax trees: the same tree with some of its nodes replaced."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from featdsl.syntax import nodes
from featdsl.syntax.depth import part_names

N = TypeVar("N", bound=nodes.Node)
Change = Callable[[nodes.Node], nodes.Node | None]


def rewritten(node: N, change: Change) -> N:
    """The tree with what `change` puts in place of a node; None looks below it.

    What a call is named is no value, and is left as it is.
    """
    changes = {}
    for name in part_names(type(node)):
        if name == "func":
            continue
        value = getattr(node, name)
        new = _changed(value, change)
        if new is not value:
            changes[name] = new
    return replace(node, **changes) if changes else node


def _changed(value: Any, change: Change) -> Any:
    if isinstance(value, nodes.Node):
        found = change(value)
        return rewritten(value, change) if found is None else found
    if type(value) is tuple:
        items = tuple(_changed(item, change) for item in value)
        return value if all(a is b for a, b in zip(items, value, strict=True)) else items
    return value
