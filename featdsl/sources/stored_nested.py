"""From stored lists and maps to those that sources declare, item by item, without loss."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from featdsl.sources.spec import Conversion
from featdsl.sql import build
from featdsl.types.dtype import DType, Kind

Convert = Callable[[exp.Expr, str, DType], Conversion | str]


def item_types(stored: str) -> tuple[str, ...]:
    """The engine's types of what a list or map holds; none of any other type.

    ``BIGINT[]`` and ``FLOAT[3]`` are lists, ``MAP(VARCHAR, BIGINT)`` is a map.
    """
    if stored.endswith("]"):
        return (stored[: stored.rindex("[")],)
    if stored.startswith("MAP(") and stored.endswith(")"):
        depth, inner = 0, stored[4:-1]
        for i, c in enumerate(inner):
            depth += (c == "(") - (c == ")")
            if c == "," and depth == 0:
                return inner[:i].strip(), inner[i + 1 :].strip()
    return ()


def convert_list(
    column: exp.Expr, stored: str, dtype: DType, convert: Convert
) -> Conversion | str | None:
    """Each item converted; a list with an item that does not fit does not fit."""
    held = item_types(stored)
    if len(held) != 1:
        return None
    name = _name(dtype)
    item = convert(build.it(name), held[0], dtype.items[0])
    if isinstance(item, str):
        return f"it holds lists: {item.removeprefix('it holds ')}"
    column = build.cast(column.copy(), dtype) if not stored.endswith("[]") else column
    if _unchanged(item.value, name):
        return Conversion(value=column.copy())
    misfit = None if item.misfit is None else _any(column, name, item.misfit)
    value: exp.Expr = build.for_each("list_transform", column.copy(), name, item.value)
    return Conversion(value=value, misfit=misfit)


def convert_map(
    column: exp.Expr, stored: str, dtype: DType, convert: Convert
) -> Conversion | str | None:
    """Each key and value converted, in the order of the keys.

    A map that holds a key twice (a file can), or none for a key, does not fit.
    """
    held = item_types(stored)
    if len(held) != 2:
        return None
    name = _name(dtype)
    parts = [exp.Dot(this=build.it(name), expression=build.ident(p)) for p in ("key", "value")]
    found = [convert(p, h, t) for p, h, t in zip(parts, held, dtype.items, strict=True)]
    key, value = found
    if isinstance(key, str) or isinstance(value, str):
        wrong = key if isinstance(key, str) else value
        return f"it holds maps: {str(wrong).removeprefix('it holds ')}"
    entries = build.func("map_entries", column.copy())
    keys = build.for_each("list_transform", entries.copy(), name, key.value.copy())
    size = build.func("cardinality", column.copy())
    # Of what is null, the number of different keys leaves out.
    wrong_keys: exp.Expr = exp.NEQ(
        this=build.func("list_unique", keys), expression=exp.cast(size, exp.DataType.Type.UBIGINT)
    )
    for item in (key, value):
        if item.misfit is not None:
            wrong_keys = exp.Or(this=wrong_keys, expression=_any(entries.copy(), name, item.misfit))
    pair = build.func("row", key.value, value.value)
    listed = build.func("list_sort", build.for_each("list_transform", entries, name, pair))
    whole = build.func("map_from_entries", listed)
    return Conversion(
        value=build.case(exp.Not(this=exp.Paren(this=wrong_keys)), whole), misfit=wrong_keys.copy()
    )


def _name(dtype: DType) -> str:
    """What a lambda calls its item: another name at each depth."""
    depth, inner = 0, dtype
    while inner.is_nested:
        depth, inner = depth + 1, inner.items[-1]
    return f"{'e' if dtype.kind is Kind.MAP else 'v'}{depth}"


def _any(items: exp.Expr, name: str, condition: exp.Expr) -> exp.Expr:
    """Whether an item meets a condition; false where there is no list."""
    wrong = build.for_each("list_filter", items.copy(), name, condition.copy())
    size = build.coalesce(build.func("len", wrong), build.number(0))
    return exp.GT(this=size, expression=build.number(0))


def _unchanged(value: exp.Expr, name: str) -> bool:
    return value == build.it(name)
