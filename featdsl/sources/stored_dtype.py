"""The type that a column is declared with, by the type that it is stored with."""

from __future__ import annotations

import re

from featdsl.sources.stored_nested import item_types
from featdsl.types.dtype import (
    BOOL,
    DATE,
    FLOAT,
    INT,
    TEXT,
    TIMESTAMP,
    DType,
    decimal,
    list_of,
    map_of,
)

_PLAIN = {
    **dict.fromkeys(("BOOLEAN",), BOOL),
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"), INT),
    **dict.fromkeys(("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"), INT),
    **dict.fromkeys(("FLOAT", "DOUBLE"), FLOAT),
    **dict.fromkeys(("VARCHAR", "UUID"), TEXT),
    **dict.fromkeys(("DATE",), DATE),
    **dict.fromkeys(("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"), TIMESTAMP),
    **dict.fromkeys(("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ"), TIMESTAMP),
    **dict.fromkeys(("TIMESTAMPTZ_NS", "TIMESTAMP_NS WITH TIME ZONE"), TIMESTAMP),
}
_DECIMAL = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)")
_NO_KEYS = frozenset({FLOAT})


def dtype_of(stored: str) -> DType | None:
    """The type that holds every value of a stored type; None where there is none.

    Whole numbers are ints, of however many bits: one that is too large stops a run.
    """
    if stored in _PLAIN:
        return _PLAIN[stored]
    if found := _DECIMAL.fullmatch(stored):
        return decimal(int(found[1]), int(found[2]))
    items = [dtype_of(item) for item in item_types(stored)]
    match items:
        case [DType() as item]:
            return list_of(item)
        case [DType() as key, DType() as value] if not key.is_nested and key not in _NO_KEYS:
            return map_of(key, value)
    return TEXT if not items and stored.startswith("ENUM(") else None
