"""Columns of lists and dicts in pandas frames, as JSON that an engine turns into their types."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Scalars = Callable[[Any], "tuple[Any, str | None] | str"]
"""A pandas column of Python objects to one that an engine reads, and the type of its text."""


def is_nested(value: object) -> bool:
    """Whether it is a list, a tuple, an array or a mapping."""
    if isinstance(value, list | tuple | Mapping):
        return True
    return hasattr(value, "tolist") and getattr(value, "ndim", 0) > 0


def read_nested_objects(series: Any, scalars: Scalars) -> tuple[Any, str] | str:
    """Prepare a pandas column of lists or of dicts for an engine.

    Returns:
        The values as JSON, and the engine's type that they are cast to; or, in words, what they
        are, where no engine can read them.
    """
    import pandas as pd

    values = [v if is_nested(v) else None for v in series]
    found = _typed(values, scalars)
    if isinstance(found, str):
        return found
    plain, dtype = found
    text = [None if v is None else json.dumps(v, ensure_ascii=False) for v in plain]
    return pd.Series(pd.array(text, dtype="string")), dtype


def _typed(values: Sequence[Any], scalars: Scalars) -> tuple[list[Any], str] | str:
    """What JSON holds of each value, and the type of all of them."""
    nested = [v for v in values if is_nested(v)]
    if not nested:
        return _scalars(values, scalars)
    if any(v is not None and not is_nested(v) for v in values):
        return "lists beside other values"
    maps = [isinstance(v, Mapping) for v in nested]
    if all(maps):
        return _maps(values, scalars)
    return "lists and maps" if any(maps) else _lists(values, scalars)


def _lists(values: Sequence[Any], scalars: Scalars) -> tuple[list[Any], str] | str:
    inner = _typed([item for v in values if v is not None for item in v], scalars)
    if isinstance(inner, str):
        return f"lists of {inner}"
    items = iter(inner[0])
    listed = [None if v is None else [next(items) for _ in v] for v in values]
    return listed, f"{inner[1]}[]"


def _maps(values: Sequence[Any], scalars: Scalars) -> tuple[list[Any], str] | str:
    held = [v for v in values if v is not None]
    keys = _typed([k for v in held for k in v], scalars)
    items = _typed([item for v in held for item in v.values()], scalars)
    if isinstance(keys, str) or isinstance(items, str):
        return f"maps from {keys if isinstance(keys, str) else keys[1].lower()}"
    names, given = map(_key, keys[0]), iter(items[0])
    made = [None if v is None else {next(names): next(given) for _ in v} for v in values]
    return made, f"MAP({keys[1]}, {items[1]})"


def _key(value: Any) -> str:
    return json.dumps(value) if isinstance(value, bool) else str(value)


_ENGINE = {"string": "VARCHAR", "boolean": "BOOLEAN", "Int64": "BIGINT", "Float64": "DOUBLE"}


def _scalars(values: Sequence[Any], scalars: Scalars) -> tuple[list[Any], str] | str:
    import pandas as pd

    found = scalars(pd.Series(values, dtype=object))
    if isinstance(found, str):
        return found
    series, cast = found
    dtype = cast or _ENGINE.get(str(series.dtype), "VARCHAR")
    missing = series.isna()
    return [
        None if n else v.item() if hasattr(v, "item") else v
        for v, n in zip(series, missing, strict=True)
    ], dtype
