"""Lists and maps of results: their types by the engine's names, their values as Python's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlglot import exp

from featdsl.sql import build
from featdsl.types.dtype import INT, TEXT, DType, Kind, list_of, map_of

_AS_TEXT = frozenset({Kind.DECIMAL, Kind.DATE, Kind.TIMESTAMP})


def nested_type(engine: str, item: Callable[[str], DType]) -> DType | None:
    """The type of a list or map as the engine spells it, ``MAP(VARCHAR, BIGINT[])``."""
    if engine.endswith("[]"):
        return list_of(_of(engine[:-2], item))
    if engine.startswith("MAP(") and engine.endswith(")"):
        key, _, value = _at_comma(engine[4:-1])
        return map_of(_of(key.strip(), item), _of(value.strip(), item))
    return None


def _of(engine: str, item: Callable[[str], DType]) -> DType:
    return nested_type(engine, item) or item(engine)


def _at_comma(text: str) -> tuple[str, str, str]:
    """Cut at the first comma outside of brackets."""
    depth = 0
    for i, c in enumerate(text):
        depth += (c == "(") - (c == ")")
        if c == "," and depth == 0:
            return text[:i], ",", text[i + 1 :]
    return text, "", ""


def narrowed(dtype: DType) -> DType:
    """The type with ints of 64 bits, however many digits they have."""
    if dtype.is_nested:
        return replace(dtype, items=tuple(map(narrowed, dtype.items)))
    return INT if dtype.kind is Kind.INT else dtype


def as_text(value: exp.Expr, dtype: DType) -> exp.Expr:
    """Inside lists and maps what the engine's own arrays do not hold exactly, as text."""
    carried = _carried(dtype)
    return value if carried == dtype else build.cast(value, carried)


def _carried(dtype: DType) -> DType:
    if dtype.is_nested:
        return replace(dtype, items=tuple(map(_carried, dtype.items)))
    return TEXT if dtype.kind in _AS_TEXT else dtype


def python_value(value: Any, dtype: DType) -> Any:
    """A value of an engine's array, of text where `as_text` made it so, as Python's own.

    A list is a list, a map a dict in the order of its keys.
    """
    if value is None:
        return None
    match dtype.kind:
        case Kind.LIST:
            items = value.tolist() if hasattr(value, "tolist") else value
            return [python_value(v, dtype.items[0]) for v in items]
        case Kind.MAP:
            key, held = dtype.items
            entries = value.items() if isinstance(value, dict) else value
            return {python_value(k, key): python_value(v, held) for k, v in entries}
        case Kind.DECIMAL:
            return Decimal(value)
        case Kind.DATE if isinstance(value, str):
            return date.fromisoformat(value)
        case Kind.TIMESTAMP if isinstance(value, str):
            return datetime.fromisoformat(value)
        case _:
            return value


def arrow_value(value: Any, dtype: DType) -> Any:
    """A Python value as pyarrow takes it: a map as a list of pairs."""
    if value is None:
        return None
    match dtype.kind:
        case Kind.LIST:
            return [arrow_value(v, dtype.items[0]) for v in value]
        case Kind.MAP:
            return [(k, arrow_value(v, dtype.items[1])) for k, v in value.items()]
        case _:
            return value
