"""Remedies that several messages have: another type, a value as it is written."""

from __future__ import annotations

from featdsl.types.casts import castable
from featdsl.types.dtype import DType, Kind

LISTED = 'write what it may be: `["a", "b"]`; leave the condition out where it may be anything'

_WRITTEN = {
    Kind.INT: "`3`",
    Kind.FLOAT: "`0.5`",
    Kind.DECIMAL: "`2.50`",
    Kind.BOOL: "`true` or `false`",
    Kind.TEXT: '`"…"`',
    Kind.DATE: "`2026-03-01`",
    Kind.TIMESTAMP: "`2026-03-01T10:00:00`",
    Kind.DURATION: "`30d`",
    Kind.LIST: '`["a", "b"]`',
}


def retyped(declared: DType, value: DType) -> str:
    """What to do where a value is of another type than is declared."""
    if castable(value, declared):
        return f"declare it {value}, or turn the value: `cast(… as {declared})`"
    return f"declare it {value}, or write a value of type {declared}"


def as_written(dtype: DType) -> str:
    """How values of a type are written."""
    form = _WRITTEN.get(dtype.kind)
    return f"write a value of type {dtype}" + ("" if form is None else f", as {form}")
