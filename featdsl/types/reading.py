"""Types from their texts, as a `DType` writes itself."""

from __future__ import annotations

import re

from featdsl.types.dtype import (
    BOOL,
    DATE,
    FLOAT,
    INT,
    MAX_DIGITS,
    TEXT,
    TIMESTAMP,
    DType,
    decimal,
    list_of,
    map_of,
)

_PLAIN = {str(t): t for t in (BOOL, INT, FLOAT, TEXT, DATE, TIMESTAMP)}
_DECIMAL = re.compile(r"decimal\((\d{1,2}), (\d{1,2})\)")
_NESTED = re.compile(r"(list|map)\((.*)\)")


def read_type(text: str) -> DType | None:
    """The type that `str` writes as `text`; None where there is none."""
    if text in _PLAIN:
        return _PLAIN[text]
    if found := _DECIMAL.fullmatch(text):
        precision, scale = int(found[1]), int(found[2])
        return decimal(precision, scale) if 0 < precision <= MAX_DIGITS >= scale else None
    if found := _NESTED.fullmatch(text):
        items = [read_type(part) for part in _parts(found[2])]
        match found[1], items:
            case "list", [DType() as item]:
                return list_of(item)
            case "map", [DType() as key, DType() as value]:
                return map_of(key, value)
    return None


def _parts(text: str) -> list[str]:
    """What commas outside of brackets separate."""
    parts, depth = [""], 0
    for c in text:
        depth += (c == "(") - (c == ")")
        if c == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += c
    return [p.strip() for p in parts]
