"""``+ - * / //`` of numbers, times and durations that are not null."""

from __future__ import annotations

import math
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from featdsl.ir.expr import ArithmeticOp as Op
from featdsl.reference.calendar import MICROSECOND, moved
from featdsl.reference.stop import Stopped
from featdsl.reference.values import EXACT, Value, instant, placed
from featdsl.types.dtype import MAX_DIGITS, DType, Kind, decimal
from featdsl.types.duration import Duration


def operate(op: Op, left: Value, right: Value, dtype: DType) -> Value:
    """The result, exact but for floats; a float may be NaN or infinite."""
    if isinstance(left, date) or isinstance(right, date):
        return _of_times(op, left, right)
    if isinstance(left, timedelta) or isinstance(right, timedelta):
        return _of_durations(op, left, right)
    if dtype.kind is Kind.FLOAT:
        return _of_floats(op, float(left), float(right))
    return _exact(op, left, right)


def _of_times(op: Op, left: Value, right: Value) -> Value:
    if isinstance(left, date) and isinstance(right, date):
        return instant(left) - instant(right)
    if isinstance(left, date):
        return moved(left, right, -1 if op is Op.SUBTRACT else 1)
    return moved(right, left)


def _of_durations(op: Op, left: Value, right: Value) -> Value:
    assert not isinstance(left, Duration) and not isinstance(right, Duration), "months move times"
    try:
        match op:
            case Op.ADD:
                return left + right
            case Op.SUBTRACT:
                return left - right
            case Op.MULTIPLY:
                return left * right
            case Op.DIVIDE:
                return left / right if right else None
            case Op.FLOOR_DIVIDE:
                return left // right if right else None
    except OverflowError:
        raise Stopped(f"{left} {op} {right} is too long") from None


def _of_floats(op: Op, a: float, b: float) -> float | None:
    match op:
        case Op.ADD:
            return a + b
        case Op.SUBTRACT:
            return a - b
        case Op.MULTIPLY:
            return a * b
        case Op.DIVIDE:
            return a / b if b else None
        case Op.FLOOR_DIVIDE:
            return a // b if b else None


def _exact(op: Op, a: Value, b: Value) -> Value:
    if op is not Op.MULTIPLY:
        a, b = _brought(a, b)
    if op is Op.FLOOR_DIVIDE:
        return None if b == 0 else floored(a, b)
    if isinstance(a, int) and isinstance(b, int):
        return {Op.ADD: a + b, Op.SUBTRACT: a - b, Op.MULTIPLY: a * b}[op]
    x, y = Decimal(a), Decimal(b)
    match op:
        case Op.ADD:
            return EXACT.add(x, y)
        case Op.SUBTRACT:
            return EXACT.subtract(x, y)
        case _:
            return EXACT.multiply(x, y)


def _brought(a: Value, b: Value) -> tuple[Value, Value]:
    """Both with the places of the one that has more."""
    if isinstance(a, int) and isinstance(b, int):
        return a, b
    sides = Decimal(a), Decimal(b)
    places = max(-int(side.as_tuple().exponent) for side in sides)
    x, y = (placed(side, decimal(MAX_DIGITS, places)) for side in sides)
    return x, y


def floored(a: Value, b: Value) -> int:
    """The largest whole number not above a / b."""
    return math.floor(Fraction(a) / Fraction(b))


def micros(length: timedelta) -> int:
    return length // MICROSECOND
