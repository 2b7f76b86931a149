"""Walking the syntax tree: what it names, and where, without resolving it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from featdsl.syntax import nodes
from featdsl.syntax.depth import part_names


def children(node: nodes.Node) -> Iterator[nodes.Node]:
    """Direct sub-nodes, in the order of the fields; a call's name is no name of a value."""
    return iter(_below(node))


def _below(node: nodes.Node) -> list[nodes.Node]:
    found: list[nodes.Node] = []
    for name in part_names(type(node)):
        value = getattr(node, name)
        if isinstance(value, nodes.Node):
            if name != "func":
                found.append(value)
        elif type(value) is tuple:
            _add(found, value)
    return found


def _add(found: list[nodes.Node], values: tuple[Any, ...]) -> None:
    for value in values:
        if isinstance(value, nodes.Node):
            found.append(value)
        elif isinstance(value, tuple):
            _add(found, value)


def walk(node: nodes.Node, skip: frozenset[str] = frozenset()) -> Iterator[nodes.Node]:
    """The node and everything below it; not what is below calls of the names in `skip`."""
    todo = [node]
    while todo:
        at = todo.pop()
        yield at
        rows = isinstance(at, nodes.Call) and at.func.text in skip and at.among is None
        if not rows:
            below = _below(at)
            below.reverse()
            todo += below


def dollars(node: nodes.Node) -> Iterator[nodes.ParamRef]:
    """Every ``$name`` below a node."""
    for at in walk(node):
        if isinstance(at, nodes.ParamRef):
            yield at


def called(node: nodes.Node) -> Iterator[nodes.Name]:
    """Names of all functions that are called."""
    for at in walk(node):
        if isinstance(at, nodes.Call):
            yield at.func
