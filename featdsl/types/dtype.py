"""The data types of the language, and how they combine."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    BOOL = "bool"
    INT = "int"
    FLOAT = "float"
    DECIMAL = "decimal"
    TEXT = "text"
    DATE = "date"
    TIMESTAMP = "timestamp"
    DURATION = "duration"
    LIST = "list"
    MAP = "map"
    NULL = "null"  # the type of a bare `null`: fits every other
    ERROR = "error"  # already reported: absorbs, so that one mistake gives one message


MAX_DIGITS = 38
"""Digits of the widest exact number."""

INT_DIGITS = 19
"""Digits of a stored `int` (64 bits); a sum of them is exact to `MAX_DIGITS`."""


@dataclass(frozen=True, slots=True)
class DType:
    """A type; ``precision`` and ``scale`` count decimal digits of exact numbers.

    An ``int`` has precision 19 (stored, 64 bits) or 38 (an exact sum of such).
    """

    kind: Kind
    precision: int = 0
    scale: int = 0
    items: tuple[DType, ...] = ()

    def __str__(self) -> str:
        if self.kind is Kind.DECIMAL:
            return f"decimal({self.precision}, {self.scale})"
        if self.items:
            return f"{self.kind}({', '.join(map(str, self.items))})"
        return self.kind.value

    @property
    def is_numeric(self) -> bool:
        return self.kind in _NUMERIC

    @property
    def is_exact(self) -> bool:
        return self.kind in (Kind.INT, Kind.DECIMAL)

    @property
    def is_temporal(self) -> bool:
        return self.kind in (Kind.DATE, Kind.TIMESTAMP)

    @property
    def is_nested(self) -> bool:
        """Whether values of it hold values: a list, a map."""
        return self.kind in (Kind.LIST, Kind.MAP)

    @property
    def is_error(self) -> bool:
        return self.kind is Kind.ERROR

    def holds(self, kind: Kind) -> bool:
        """Whether it is of a kind, or holds values that are."""
        return self.kind is kind or any(item.holds(kind) for item in self.items)


_NUMERIC = frozenset({Kind.INT, Kind.FLOAT, Kind.DECIMAL})

BOOL = DType(Kind.BOOL)
INT = DType(Kind.INT, precision=INT_DIGITS)
WIDE_INT = DType(Kind.INT, precision=MAX_DIGITS)
FLOAT = DType(Kind.FLOAT)
TEXT = DType(Kind.TEXT)
DATE = DType(Kind.DATE)
TIMESTAMP = DType(Kind.TIMESTAMP)
DURATION = DType(Kind.DURATION)
NULL = DType(Kind.NULL)
ERROR = DType(Kind.ERROR)


def decimal(precision: int, scale: int) -> DType:
    """A decimal, cut to the widest that exists."""
    return DType(Kind.DECIMAL, precision=min(precision, MAX_DIGITS), scale=scale)


def list_of(item: DType) -> DType:
    return DType(Kind.LIST, items=(item,))


def map_of(key: DType, value: DType) -> DType:
    return DType(Kind.MAP, items=(key, value))


def as_decimal(t: DType) -> DType:
    """The decimal that holds every value of an exact number."""
    return t if t.kind is Kind.DECIMAL else decimal(t.precision, 0)


def fit_together(a: DType, b: DType) -> bool:
    """Whether one type holds every value of two exact numbers; anything else needs no digits."""
    if not a.is_exact or not b.is_exact:
        return True
    x, y = as_decimal(a), as_decimal(b)
    before = max(x.precision - x.scale, y.precision - y.scale)
    return before + max(x.scale, y.scale) <= MAX_DIGITS


def may_take(t: DType, places: int) -> bool:
    """Whether an exact number may have so many places besides the digits before its point.

    One of `MAX_DIGITS` digits is taken for a sum, whose values use far less.
    """
    exact = as_decimal(t)
    return exact.precision == MAX_DIGITS or exact.precision - exact.scale + places <= MAX_DIGITS


def have_room(a: DType, b: DType) -> bool:
    """Whether two exact numbers may both have the places of the one that has more."""
    if not a.is_exact or not b.is_exact:
        return True
    places = max(a.scale, b.scale)
    return may_take(a, places) and may_take(b, places)


def common(a: DType, b: DType) -> DType | None:
    """The narrowest type that holds values of both; None when there is none.

    int with decimal is decimal, float with a number is float, date with timestamp is
    timestamp, null fits everything.
    """
    if a.is_error or b.is_error:
        return ERROR
    if a == b or b.kind is Kind.NULL:
        return a
    if a.kind is Kind.NULL:
        return b
    if a.is_numeric and b.is_numeric:
        if Kind.FLOAT in (a.kind, b.kind):
            return FLOAT
        if a.kind is Kind.INT and b.kind is Kind.INT:
            return a if a.precision >= b.precision else b
        x, y = as_decimal(a), as_decimal(b)
        scale = max(x.scale, y.scale)
        return decimal(max(x.precision - x.scale, y.precision - y.scale) + scale, scale)
    if a.is_temporal and b.is_temporal:
        return TIMESTAMP
    if a.kind is b.kind is Kind.LIST:
        item = common(a.items[0], b.items[0])
        return None if item is None else list_of(item)
    if a.kind is b.kind is Kind.MAP:
        key, value = _common_key(a.items[0], b.items[0]), common(a.items[1], b.items[1])
        return None if key is None or value is None else map_of(key, value)
    return None


def _common_key(a: DType, b: DType) -> DType | None:
    """As `common`; two ints may become one float, and two keys must stay two."""
    both = common(a, b)
    return None if both is not None and both.kind is Kind.FLOAT and a != b else both


def assignable(value: DType, target: DType) -> bool:
    """Whether a value may be given where `target` is written, cast without loss of meaning.

    Numbers go to any number type (a decimal that does not fit is an error at run time); the
    rest must have a common type that is the target.
    """
    if value.is_numeric and target.is_numeric:
        return True
    if value.kind is target.kind is Kind.LIST:
        return assignable(value.items[0], target.items[0])
    if value.kind is target.kind is Kind.MAP:
        fits = _common_key(value.items[0], target.items[0]) == target.items[0]
        return fits and assignable(value.items[1], target.items[1])
    both = common(value, target)
    return both is not None and (both == target or both.is_error)
