"""Plain values: what a type holds, how one becomes another, calendars and clocks."""

from __future__ import annotations

import calendar
import math
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from featdsl.types.dtype import INT, MAX_DIGITS, DType, Kind
from featdsl.types.duration import Duration

Value = Any
"""None, bool, int, Decimal, float, str, date, datetime; a duration is an int of microseconds."""

_MICRO = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1)


class Stops(Exception):
    """A value that a run stops at: it has too many digits, or does not exist."""


def exactly(number: Decimal, places: int) -> Decimal:
    """Rounded half away from zero, with as many digits as that takes."""
    with localcontext() as context:
        context.prec = 400
        return number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def held(value: Value, dtype: DType) -> Value:
    """The value, if its type holds it."""
    if value is None:
        return None
    if dtype.kind in (Kind.INT, Kind.DURATION):
        limit = 10**MAX_DIGITS if dtype.precision == MAX_DIGITS else 2**63
        if not -limit <= value < limit:
            raise Stops(f"{value} is no {dtype}")
    if dtype.kind is Kind.DECIMAL and abs(value) >= Decimal(10) ** (dtype.precision - dtype.scale):
        raise Stops(f"{value} is no {dtype}")
    return value


def turned(value: Value, source: DType, target: DType) -> Value:
    """A value of a type in a wider one: what no cast is written for."""
    if value is None or source == target:
        return value
    if target.kind is Kind.FLOAT:
        return finite(float(value))
    if target.kind is Kind.DECIMAL and source.kind is Kind.INT:
        return held(Decimal(value), target)
    if target.kind is Kind.TIMESTAMP and source.kind is Kind.DATE:
        return midnight(value)
    return held(value, target)


def typed(value: Value, dtype: DType) -> Value:
    """A number as a type of another kind holds it."""
    if value is None or not dtype.is_numeric:
        return value
    match dtype.kind:
        case Kind.FLOAT:
            return float(value)
        case Kind.DECIMAL:
            return held(Decimal(value), dtype)
        case _:
            return value


def finite(value: Value) -> Value:
    """Null in place of NaN and infinity."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def midnight(day: date) -> datetime:
    return day if isinstance(day, datetime) else datetime(day.year, day.month, day.day)


def micros(time: date) -> int:
    """Microseconds since 1970 of a date or timestamp."""
    return (midnight(time) - _EPOCH) // _MICRO


def length(value: Duration | int) -> int:
    return value.micros if isinstance(value, Duration) else value


def moved(time: date, by: Duration | int, sign: int) -> datetime:
    """A time moved by a length, or by months of the calendar."""
    start = midnight(time)
    try:
        if isinstance(by, Duration) and by.is_calendar:
            return _months_on(start, sign * by.months)
        return start + sign * length(by) * _MICRO
    except (OverflowError, ValueError):
        raise Stops(f"{time} moved by {by}") from None


def _months_on(start: datetime, n: int) -> datetime:
    """The same day of another month, or its last."""
    months = start.year * 12 + start.month - 1 + n
    year, month = months // 12, months % 12 + 1
    day = min(start.day, calendar.monthrange(year, month)[1])
    return start.replace(year=year, month=month, day=day)


def cast(value: Value, source: DType, target: DType) -> Value:
    """What `cast` makes of a value."""
    if value is None or source == target:
        return value
    if target.kind is Kind.TEXT:
        return as_text(value, source)
    if source.kind is Kind.TEXT:
        return _of_text(value, target)
    if source.kind is Kind.BOOL:
        value, source = int(value), INT
    if target.kind is Kind.BOOL:
        return value != 0
    if source.is_temporal:
        at = midnight(value)
        return at if target.kind is Kind.TIMESTAMP else at.date()
    if target.kind is Kind.FLOAT:
        return finite(float(value))
    if source.kind is Kind.FLOAT:
        return _of_float(value, target)
    rounded = exactly(Decimal(value), target.scale)
    return held(int(rounded) if target.kind is Kind.INT else rounded, target)


def _of_float(value: float, target: DType) -> Value:
    if target.kind is Kind.INT:
        return held(int(exactly(Decimal(value), 0)), target)
    rounded = round_float(value, target.scale)
    if abs(rounded) * 10.0**target.scale >= 2**53:
        raise Stops(f"{value} has more digits than a float64 tells apart")
    return held(exactly(Decimal(rounded), target.scale), target)


def round_float(value: float, digits: int) -> float:
    """The float64 product with 10 ** digits, rounded half away from zero, divided again."""
    if digits < 0:
        scale = 10.0**-digits
        return float(exactly(Decimal(value / scale), 0)) * scale
    scale = 10.0**digits
    product = value * scale
    return float(exactly(Decimal(product), 0)) / scale if math.isfinite(product) else value


def as_text(value: Value, dtype: DType) -> str:
    match dtype.kind:
        case Kind.BOOL:
            return "true" if value else "false"
        case Kind.DECIMAL:
            # No number of SQL is minus nothing, but -0.00 of Python is one.
            digits = exactly(Decimal(value), dtype.scale)
            return format(digits if digits else abs(digits), "f")
        case Kind.TIMESTAMP:
            text = value.isoformat(sep=" ")
            return text.rstrip("0") if "." in text else text
        case Kind.DATE:
            return value.isoformat()
        case _:
            return str(value)


def _of_text(value: str, target: DType) -> Value:
    text = value.strip()
    try:
        match target.kind:
            case Kind.BOOL:
                return {"true": True, "false": False}[text.lower()]
            case Kind.FLOAT:
                return finite(float(text))
            case Kind.INT:
                return held(int(exactly(Decimal(text), 0)), target)
            case Kind.DECIMAL:
                return held(exactly(Decimal(text), target.scale), target)
            case _:
                moment = datetime.fromisoformat(text)
                if moment.tzinfo is not None:
                    moment = moment.astimezone(UTC).replace(tzinfo=None)
                return moment if target.kind is Kind.TIMESTAMP else moment.date()
    except (ValueError, KeyError, ArithmeticError):
        raise Stops(f"{value!r} is no {target}") from None


def floored(a: Value, b: Value, kind: Kind) -> Value:
    """The floor of the exact quotient; of floats a float, of decimals a decimal."""
    if a is None or b is None or b == 0:
        return None
    whole = math.floor(Fraction(a) / Fraction(b))
    if kind is Kind.FLOAT:
        try:
            return float(whole)
        except OverflowError:
            return None
    return Decimal(whole) if kind is Kind.DECIMAL else whole


def at_clock(time: datetime, zone: str) -> datetime:
    """What clocks of a zone show at an instant."""
    return time.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def day_in(value: date, zone: str) -> date:
    """The calendar day in a zone; a date is its own."""
    return at_clock(value, zone).date() if isinstance(value, datetime) else value


def start_of(unit: str, value: date, zone: str) -> date:
    """The first instant, or of a date the first day, of a unit."""
    if not isinstance(value, datetime):
        return value if unit in ("minute", "hour") else _first_day(unit, value)
    if unit == "minute":
        return value.replace(second=0, microsecond=0)
    if unit == "hour":
        return value.replace(minute=0, second=0, microsecond=0)
    first = midnight(_first_day(unit, at_clock(value, zone).date()))
    return first.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC).replace(tzinfo=None)


def _first_day(unit: str, day: date) -> date:
    match unit:
        case "day":
            return day
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case _:
            return day.replace(month=1, day=1)
