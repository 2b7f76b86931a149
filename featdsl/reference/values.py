"""Values: what stands for one in Python, when two are equal, what has no finite value.

A `decimal` is a ``Decimal`` with all places of its type, a timestamp a ``datetime`` in UTC
without a zone, a duration a ``timedelta``; one of months stays a `Duration`, for it has no
length. A list is a tuple, a map a dict.
"""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal, Inexact, InvalidOperation
from typing import Any, Final, TypeAlias

from featdsl.reference.stop import Stopped
from featdsl.types.dtype import DType, Kind
from featdsl.types.duration import Duration
from featdsl.types.value import MapValue

Value: TypeAlias = Any

EXACT: Final = Context(prec=400, traps=[InvalidOperation, Inexact])
"""Calculates without rounding, or not at all."""


def settled(value: Value, dtype: DType) -> Value:
    """A value in the type that its expression has: of the same meaning, or the run stops."""
    if value is None:
        return None
    match dtype.kind:
        case Kind.FLOAT:
            return finite(float(value))
        case Kind.INT:
            return whole(value, dtype)
        case Kind.DECIMAL:
            return placed(Decimal(value), dtype)
        case Kind.TIMESTAMP:
            return instant(value)
        case Kind.LIST:
            return tuple(settled(v, dtype.items[0]) for v in value)
        case Kind.MAP:
            key, item = dtype.items
            return {settled(k, key): settled(v, item) for k, v in value.items()}
        case _:
            return value


def finite(value: float) -> float | None:
    """Null in place of NaN and infinity."""
    return value if math.isfinite(value) else None


def whole(value: int, dtype: DType) -> int:
    """An int of 64 bits, or of 38 digits.

    Raises:
        Stopped: it has more.
    """
    largest = 10**38 - 1 if dtype.precision > 19 else 2**63 - 1
    smallest = -largest if dtype.precision > 19 else -(2**63)
    if not smallest <= value <= largest:
        raise Stopped(f"{value} does not fit {dtype}")
    assert int(value) == value, "a value of another type is cast first"
    return int(value)


def placed(value: Decimal, dtype: DType) -> Decimal:
    """A decimal with the places of its type, which it does not exceed.

    Raises:
        Stopped: it has more digits than the type.
    """
    exact = value.quantize(Decimal(1).scaleb(-dtype.scale), context=EXACT)
    # Signs are changed by copies: operators round to the 28 digits of Python's own context.
    if exact.copy_abs() >= Decimal(10) ** (dtype.precision - dtype.scale):
        raise Stopped(f"{value} does not fit {dtype}")
    return exact


def instant(value: date) -> datetime:
    """A timestamp in UTC; a date is its midnight."""
    if not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)
    return value if value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None)


def given(value: Value, dtype: DType) -> Value:
    """A value as data, literals and parameters hold it, in its type."""
    if isinstance(value, tuple | list) and dtype.kind is Kind.LIST:
        return tuple(given(v, dtype.items[0]) for v in value)
    if isinstance(value, MapValue | dict):
        entries = value.items() if isinstance(value, dict) else value
        key, item = dtype.items
        return {given(k, key): given(v, item) for k, v in entries}
    if isinstance(value, Duration) and not value.is_calendar:
        return timedelta(microseconds=value.micros)
    if isinstance(value, int) and dtype.kind is Kind.DURATION:
        return timedelta(microseconds=value)
    return settled(value, dtype)


def matched(a: Value, b: Value) -> tuple[Value, Value]:
    """Two values in the type that holds both: float with a number is float, date with time time."""
    if isinstance(a, float) or isinstance(b, float):
        return float(a), float(b)
    if isinstance(a, datetime) or isinstance(b, datetime):
        return instant(a), instant(b)
    return a, b


def equal(a: Value, b: Value) -> bool | None:
    """Whether two values are equal; null where one is null."""
    if a is None or b is None:
        return None
    x, y = matched(a, b)
    return bool(x == y)


def less(a: Value, b: Value) -> bool | None:
    """Whether one comes before the other (text by code point, false before true); or null."""
    if a is None or b is None:
        return None
    x, y = matched(a, b)
    return bool(x < y)


def negative(value: Value) -> Value:
    """The value with the other sign, all its digits kept."""
    return value.copy_negate() if isinstance(value, Decimal) else -value


def order(value: Value) -> tuple[bool, Value]:
    """What values sort by where nulls come after all of them."""
    return value is None, value
