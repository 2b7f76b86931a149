"""``cast(x as type)``, and the types that are written behind names."""

from __future__ import annotations

import math
import re
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Final

from featdsl.reference.stop import Stopped
from featdsl.reference.values import EXACT, Value, finite, instant, placed, settled, whole
from featdsl.types.dtype import MAX_DIGITS, DType, Kind

_ROUNDED: Final = Context(prec=400, rounding=ROUND_HALF_UP, traps=[InvalidOperation])
_NUMBER: Final = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_NOT_FINITE: Final = re.compile(r"[+-]?(nan|inf|infinity)", re.IGNORECASE)
_TRUE: Final = ("true", "t", "yes", "y", "1")
_FALSE: Final = ("false", "f", "no", "n", "0")
_CLOCK: Final = r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?"
_TIME: Final = re.compile(rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}([ T]{_CLOCK})?")


def cast(value: Value, dtype: DType) -> Value:
    """The value as one of another type.

    Raises:
        Stopped: it is none.
    """
    if value is None or dtype.kind is Kind.NULL:
        return None
    match dtype.kind:
        case Kind.BOOL:
            return _bool(value)
        case Kind.INT:
            return whole(int(_rounded(value, dtype)), dtype)
        case Kind.DECIMAL:
            return placed(Decimal(_rounded(value, dtype)), dtype)
        case Kind.FLOAT:
            return _float(value)
        case Kind.TEXT:
            return text_of(value)
        case Kind.TIMESTAMP:
            return _moment(value) if isinstance(value, str) else instant(value)
        case Kind.DATE:
            day = _moment(value) if isinstance(value, str) else value
            return day.date() if isinstance(day, datetime) else day
        case Kind.LIST:
            return tuple(cast(item, dtype.items[0]) for item in value)
        case Kind.MAP:
            key, held = dtype.items
            return {cast(k, key): cast(item, held) for k, item in value.items()}
        case _:
            return settled(value, dtype)


def half_away(value: Decimal, places: int) -> Decimal:
    """An exact number with fewer places; a half goes away from zero."""
    return value.quantize(Decimal(1).scaleb(-places), context=_ROUNDED)


def float_half_away(value: float, places: int) -> float:
    """A float with fewer places: its float64 product with ``10 ** places`` is rounded.

    From 2 ** 52 on it has no places. Of negative places it is divided first.
    """
    scale = float(10 ** abs(places))
    if places < 0:
        return float(half_away(Decimal(value / scale), 0)) * scale
    if abs(value) >= 2**52:
        return value
    return float(half_away(Decimal(value * scale), 0)) / scale


def text_of(value: Value) -> str:
    """A value as text."""
    match value:
        case bool():
            return "true" if value else "false"
        case datetime():
            fraction = f".{value.microsecond:06}".rstrip("0") if value.microsecond else ""
            return f"{value.replace(microsecond=0).isoformat(' ')}{fraction}"
        case date():
            return value.isoformat()
        case Decimal():
            return format(value, "f")
        case float():
            return repr(value)
        case _:
            return str(value)


def _bool(value: Value) -> bool:
    if not isinstance(value, str):
        return bool(value)
    if value.lower() not in (*_TRUE, *_FALSE):
        raise Stopped(f"{value!r} is neither true nor false")
    return value.lower() in _TRUE


def _rounded(value: Value, dtype: DType) -> Value:
    """A number with no more places than the type has."""
    if isinstance(value, str):
        value = _number(value)
    if isinstance(value, float):
        product = value * float(10**dtype.scale)
        if not math.isfinite(product):
            raise Stopped(f"{value} does not fit {dtype}")
        return half_away(Decimal(product), 0).scaleb(-dtype.scale, context=EXACT)
    exact = Decimal(value)
    if exact.adjusted() > MAX_DIGITS:
        raise Stopped(f"{value} does not fit {dtype}")
    return half_away(exact, dtype.scale)


def _number(text: str) -> Decimal:
    stripped = text.strip(" \t\n\r\v\f")
    if _NUMBER.fullmatch(stripped) is None:
        raise Stopped(f"{text!r} is no number")
    return Decimal(stripped)


def _float(value: Value) -> float | None:
    if isinstance(value, str) and _NOT_FINITE.fullmatch(value.strip(" \t\n\r\v\f")):
        return None
    return finite(float(_number(value) if isinstance(value, str) else value))


def _moment(text: str) -> datetime:
    """A text with a zone is turned to UTC, one without is UTC."""
    try:
        if _TIME.fullmatch(text) is not None:
            return instant(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        pass
    raise Stopped(f"{text!r} is no time")
