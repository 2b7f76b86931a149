"""How deep a tree is, found without recursion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from featdsl.syntax.nodes import Expr, Node

_EXPRESSIONS = Expr.__args__


_NAMES: dict[type, tuple[str, ...]] = {}


def part_names(kind: type[Node]) -> tuple[str, ...]:
    """Names of a node's fields but its span."""
    if kind not in _NAMES:
        _NAMES[kind] = tuple(f.name for f in fields(kind) if f.name != "span")
    return _NAMES[kind]


def _children(node: Node) -> Iterator[Node]:
    for name in part_names(type(node)):
        value = getattr(node, name)
        if isinstance(value, Node):
            yield value
        elif type(value) is tuple:
            for item in value:
                if isinstance(item, Node):
                    yield item


def too_deep(root: Node, limit: int) -> list[Node]:
    """The outermost expressions that hold more than `limit` levels of expressions."""
    found: list[Node] = []
    # Each level takes a character at least: what is short cannot be deep.
    open_nodes: list[tuple[Node, Node, int]] = [(root, root, 0)]
    while open_nodes:
        node, top, depth = open_nodes.pop()
        if isinstance(node, _EXPRESSIONS):
            top = node if depth == 0 else top
            depth += 1
            if depth > limit and all(top is not f for f in found):
                found.append(top)
                continue
        open_nodes += [
            (child, top, depth)
            for child in _children(node)
            if child.span.end - child.span.start + depth >= limit
        ]
    return found
