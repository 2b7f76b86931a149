"""Walking expressions: children, all nodes, rebuilding."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, replace
from typing import Any

from featdsl.ir.expr import (
    Aggregate,
    Column,
    Expr,
    GroupKey,
    Groups,
    Node,
    Previous,
    Session,
    Window,
)

_PARTS: dict[type, tuple[str, ...]] = {}
# Types of fields, as they are written, that hold no sub-expression.
_PLAIN = frozenset(
    {
        "ArithmeticOp",
        "CompareOp",
        "DType",
        "Duration",
        "LogicalOp",
        "Scalar",
        "Scalar | tuple[Scalar, ...]",
        "Span",
        "bool",
        "int",
        "str",
        "str | None",
        "tuple[str, ...]",
    }
)


def _parts(kind: type[Node]) -> tuple[str, ...]:
    """Names of the fields that may hold sub-expressions."""
    parts = _PARTS.get(kind)
    if parts is None:
        parts = _PARTS[kind] = tuple(f.name for f in fields(kind) if f.type not in _PLAIN)
    return parts


def children(node: Expr) -> Iterator[Expr]:
    """Direct sub-expressions, in the order of the fields."""
    return iter(_below(node))


def _below(node: Expr) -> list[Expr]:
    found: list[Expr] = []
    parts = _PARTS.get(type(node))
    for name in _parts(type(node)) if parts is None else parts:
        value = getattr(node, name)
        if isinstance(value, Node):
            found.append(value)  # type: ignore[arg-type]
        elif value is not None and type(value) is not str:
            _add(found, value)
    return found


def _add(found: list[Expr], value: Any) -> None:
    if isinstance(value, tuple):
        for item in value:
            if isinstance(item, Node):
                found.append(item)  # type: ignore[arg-type]
            else:
                _add(found, item)
    elif isinstance(value, Node):
        found.append(value)  # type: ignore[arg-type]
    elif isinstance(value, Groups):
        _add(found, (value.keys, value.where))
    elif isinstance(value, Window):
        _add(found, value.parameter)


def walk(node: Expr) -> Iterator[Expr]:
    """The node and everything below it, parents first."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        yield node
        below = _below(node)
        if below:
            below.reverse()
            waiting += below


def map_children(node: Expr, f: Callable[[Expr], Expr]) -> Expr:
    """The node with `f` applied to its direct sub-expressions."""
    changed: dict[str, Any] = {}
    for name in _parts(type(node)):
        old = getattr(node, name)
        new = _mapped(old, f)
        if new is not old:
            changed[name] = new
    return replace(node, **changed) if changed else node


def _mapped(value: Any, f: Callable[[Expr], Expr]) -> Any:
    if isinstance(value, Node):
        return f(value)  # type: ignore[arg-type]
    if isinstance(value, Groups):
        keys, where = _mapped(value.keys, f), _mapped(value.where, f)
        same = keys is value.keys and where is value.where
        return value if same else Groups(keys=keys, where=where)
    if isinstance(value, tuple) and value:
        new = tuple(_mapped(item, f) for item in value)
        return new if any(a is not b for a, b in zip(new, value, strict=True)) else value
    return value


def replace_leaves(e: Expr, leaf: Callable[[Expr], Expr | None]) -> Expr:
    """The expression with every node replaced that `leaf` gives something for."""
    new = leaf(e)
    return new if new is not None else map_children(e, lambda c: replace_leaves(c, leaf))


def reads_beside(e: Expr | None) -> bool:
    """Whether a value of a row depends on the rows before it."""
    return e is not None and any(isinstance(n, Previous | Session) for n in walk(e))


def keys_written(a: Aggregate) -> Aggregate:
    """The aggregate with the keys of its groups in place of references to them."""
    groups = a.groups
    if groups is None:
        return a

    def key(e: Expr) -> Expr | None:
        return groups.keys[e.index] if isinstance(e, GroupKey) else None

    where = None if groups.where is None else replace_leaves(groups.where, key)
    args = tuple(replace_leaves(arg, key) for arg in a.args)
    by = None if a.by is None else replace_leaves(a.by, key)
    return replace(a, args=args, groups=Groups(keys=groups.keys, where=where), by=by)


def columns_used(expressions: Iterable[Expr]) -> Iterator[Column]:
    """Every column that expressions read, as often as they do."""
    for expression in expressions:
        for node in walk(expression):
            if isinstance(node, Column):
                yield node


def column_name(column: Column) -> str:
    """A column's name among the columns of a step: a joined one is ``alias.column``."""
    return column.name if column.qualifier is None else f"{column.qualifier}.{column.name}"
