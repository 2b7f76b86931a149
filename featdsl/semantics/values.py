"""Values of a type from text (a command line, a table's cell) or from Python."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation, localcontext
from math import inf, isfinite
from typing import Any

from featdsl.ir.expr import Scalar
from featdsl.types.dtype import DType, Kind
from featdsl.types.duration import Duration


class NotAValue(ValueError):
    """The text or object is no value of the type; the message says why, in words."""


_YEARS = 1000
_NUMBER = re.compile(r"[+-]?[0-9][0-9_]*(\.[0-9]+)?([eE][+-]?[0-9]+)?\Z")
_BOOLS = {"true": True, "false": False}


def read_value(text: str, dtype: DType) -> Scalar:
    """Read a value as it is written in a table or on a command line.

    Raises:
        NotAValue: the text is no value of the type.
    """
    reader = _READERS.get(dtype.kind)
    if reader is None:
        raise NotAValue(f"a value of type {dtype} cannot be written here")
    return reader(text, dtype)


def _bool(text: str, _: DType) -> Scalar:
    if text not in _BOOLS:
        raise NotAValue(f"`{text}` is not `true` or `false`")
    return _BOOLS[text]


def _decimal_of(text: str, dtype: DType) -> Decimal:
    if _NUMBER.match(text) is None or len(text) > 100:
        raise NotAValue(f"`{text}` is no {dtype}")
    return Decimal(text.replace("_", ""))


def _number(text: str, dtype: DType) -> Scalar:
    return typed_value(_decimal_of(text, dtype), dtype)


def _float(text: str, dtype: DType) -> Scalar:
    return typed_value(_decimal_of(text, dtype), dtype)


def _date(text: str, _: DType) -> Scalar:
    try:
        return date.fromisoformat(text.removeprefix("@"))
    except ValueError:
        raise NotAValue(f"`{text}` is no date, such as `2024-01-03`") from None


def _timestamp(text: str, _: DType) -> Scalar:
    """Without a zone it is UTC; with one, it is turned to UTC."""
    try:
        moment = datetime.fromisoformat(text.removeprefix("@"))
    except ValueError:
        raise NotAValue(f"`{text}` is no timestamp, such as `2024-01-03 10:00:00`") from None
    return _moment(moment)


def _duration(text: str, _: DType) -> Scalar:
    try:
        return _fixed(Duration.parse(text))
    except NotAValue:
        raise
    except ValueError:
        raise NotAValue(f"`{text}` is no length of time, such as `30d`") from None


def _fixed(value: Duration) -> Duration:
    if value.is_calendar:
        raise NotAValue(f"`{value}` has no fixed length: write days, such as `30d`")
    if is_too_long(value):
        raise NotAValue(f"`{value}` is longer than {_YEARS} years")
    return value


def is_too_long(value: Duration) -> bool:
    """Whether a length is beyond what times can be moved by."""
    if value.is_calendar:
        return value.months > 12 * _YEARS
    return value.micros > _YEARS * 366 * 86_400_000_000


_READERS: Mapping[Kind, Callable[[str, DType], Scalar]] = {
    Kind.BOOL: _bool,
    Kind.INT: _number,
    Kind.DECIMAL: _number,
    Kind.FLOAT: _float,
    Kind.TEXT: lambda text, _: text,
    Kind.DATE: _date,
    Kind.TIMESTAMP: _timestamp,
    Kind.DURATION: _duration,
}


def typed_value(value: Any, dtype: DType) -> Scalar:
    """A Python value in a type, without loss.

    Raises:
        NotAValue: it is of another type, or does not fit.
    """
    kind = dtype.kind
    if isinstance(value, bool) or kind is Kind.BOOL:
        if isinstance(value, bool) and kind is Kind.BOOL:
            return value
    elif isinstance(value, int | float | Decimal) and dtype.is_numeric:
        return _typed_number(value, dtype)
    elif kind is Kind.TEXT and isinstance(value, str):
        return value
    elif kind is Kind.TIMESTAMP and isinstance(value, date):
        return _moment(value)
    elif kind is Kind.DATE and type(value) is date:
        return value
    if kind is Kind.DURATION and isinstance(value, Duration):
        return _fixed(value)
    raise NotAValue(f"`{value}` is no {dtype}")


def _moment(value: date) -> datetime:
    if not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)
    try:
        return value if value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None)
    except OverflowError:
        raise NotAValue(f"`{value}` is outside of the years 1 to 9999, UTC") from None


def _finite(value: float | Decimal) -> float:
    try:
        number = float(value)
    except OverflowError:
        number = inf
    if not isfinite(number):
        raise NotAValue(f"`{value}` is no finite number")
    return number


def _typed_number(value: float | Decimal, dtype: DType) -> Scalar:
    if dtype.kind is Kind.FLOAT:
        return _finite(value)
    try:
        with localcontext() as context:
            context.prec = 80
            exact = Decimal(str(value)) if isinstance(value, float) else Decimal(value)
            fitted = exact.quantize(Decimal(1).scaleb(-dtype.scale), rounding=ROUND_HALF_UP)
            if fitted != exact:
                raise NotAValue(f"`{value}` has more decimal places than {dtype}")
    except InvalidOperation:
        raise NotAValue(f"`{value}` is no {dtype}") from None
    if dtype.kind is Kind.INT:
        if not -(2**63) <= fitted < 2**63 and dtype.precision <= 19:
            raise NotAValue(f"`{value}` does not fit 64 bits")
        return int(fitted)
    if fitted.copy_abs() >= Decimal(10) ** (dtype.precision - dtype.scale):
        raise NotAValue(f"`{value}` does not fit {dtype}")
    return fitted
