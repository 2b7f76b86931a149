"""Values that are known at compile time: folding literals and what is calculated of them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, DivisionByZero, InvalidOperation, localcontext
from math import isfinite

from featdsl.ir import expr as ir
from featdsl.ir.visit import walk
from featdsl.semantics.values import is_too_long
from featdsl.types.dtype import INT, DType, Kind
from featdsl.types.duration import Duration

_DIGITS = 80  # more than two of the widest numbers multiplied


def reads_parameter(e: ir.Expr) -> bool:
    """Whether a value may differ from run to run."""
    return any(isinstance(at, ir.Param) for at in walk(e))


def fold(e: ir.Expr) -> ir.Literal | None:
    """The literal that an expression stands for; None where only a run can tell."""
    match e:
        case ir.Literal():
            return e
        case ir.Param():
            return _at(e, e.value) if not isinstance(e.value, tuple) else None
        case ir.Negate():
            operand = fold(e.operand)
            value = None if operand is None else operand.value
            return _at(e, negated(value)) if isinstance(value, int | float | Decimal) else None
        case ir.Coalesce():
            known = [fold(o) for o in e.operands]
            first = next((k for k in known if k is None or k.value is not None), None)
            return _at(e, None) if first is None and None not in known else first
        case ir.Cast():
            operand = fold(e.operand)
            return None if operand is None else _cast(operand, e.dtype)
        case ir.Arithmetic():
            left, right = fold(e.left), fold(e.right)
            if left is None or right is None:
                return None
            return _arithmetic(e, left.value, right.value)
    return None


def negated(value: int | float | Decimal) -> int | float | Decimal:
    """The number with the other sign; a decimal keeps its digits, which `-` would round."""
    return value.copy_negate() if value and isinstance(value, Decimal) else -value


def _at(e: ir.Expr, value: ir.Scalar) -> ir.Literal:
    return ir.Literal(dtype=e.dtype, nullable=value is None, span=e.span, value=value)


def _arithmetic(e: ir.Arithmetic, a: ir.Scalar, b: ir.Scalar) -> ir.Literal | None:
    if a is None or b is None:
        return _at(e, None)
    if isinstance(a, date | Duration) or isinstance(b, date | Duration):
        return _time_arithmetic(e, a, b)
    if not isinstance(a, int | float | Decimal) or not isinstance(b, int | float | Decimal):
        return None
    value = _number(e.op, a, b, exact=e.dtype.is_exact)
    return _at(e, None) if value is None else _fitted(e, value)


def _fitted(e: ir.Expr, value: int | float | Decimal) -> ir.Literal | None:
    """The value in the type of `e`; None where it has too many digits for it."""
    fitted = _fit(value, e.dtype)
    if e.dtype.kind is Kind.FLOAT:
        return _at(e, fitted if isinstance(fitted, float) and isfinite(fitted) else None)
    digits = e.dtype.precision - e.dtype.scale
    within = -(2**63) <= value < 2**63 if e.dtype == INT else abs(value) < 10**digits
    return _at(e, fitted) if within else None


def _number(
    op: ir.ArithmeticOp, a: int | float | Decimal, b: int | float | Decimal, *, exact: bool
) -> int | float | Decimal | None:
    """Calculate as a run would: exact numbers exactly, division in floats, by zero null."""
    with localcontext() as context:
        context.prec = _DIGITS
        if op is ir.ArithmeticOp.DIVIDE:
            return None if b == 0 or float(b) == 0 else float(a) / float(b)
        x = Decimal(a) if exact else Decimal(float(a))
        y = Decimal(b) if exact else Decimal(float(b))
        try:
            match op:
                case ir.ArithmeticOp.ADD:
                    return x + y
                case ir.ArithmeticOp.SUBTRACT:
                    return x - y
                case ir.ArithmeticOp.MULTIPLY:
                    return x * y
                case _:
                    quotient = x // y
                    return quotient - 1 if quotient * y != x and (x < 0) != (y < 0) else quotient
        except (DivisionByZero, InvalidOperation):
            return None


def _fit(value: int | float | Decimal, dtype: DType) -> ir.Scalar:
    """The value as its type holds it, rounded half away from zero."""
    match dtype.kind:
        case Kind.INT:
            return int(Decimal(value).to_integral_value(rounding=ROUND_HALF_UP))
        case Kind.FLOAT:
            return float(value)
        case Kind.DECIMAL:
            with localcontext() as context:
                context.prec = _DIGITS
                step = Decimal(1).scaleb(-dtype.scale)
                return Decimal(value).quantize(step, rounding=ROUND_HALF_UP)
    return None


def _cast(e: ir.Literal, dtype: DType) -> ir.Literal | None:
    if e.value is None:
        return _at(e, None)
    if dtype.is_numeric and isinstance(e.value, int | float | Decimal):
        return _fitted(ir.Literal(dtype=dtype, nullable=False, span=e.span, value=None), e.value)
    if dtype.kind is Kind.TIMESTAMP and type(e.value) is date:
        moment = datetime(e.value.year, e.value.month, e.value.day)
        return ir.Literal(dtype=dtype, nullable=False, span=e.span, value=moment)
    return None


def _time_arithmetic(e: ir.Arithmetic, a: ir.Scalar, b: ir.Scalar) -> ir.Literal | None:
    """Times moved by fixed lengths, and lengths added; what the calendar decides is left."""
    if isinstance(a, Duration) and isinstance(b, Duration) and e.dtype.kind is Kind.FLOAT:
        fixed = not a.is_calendar and not b.is_calendar and b.amount
        return _at(e, a.micros / b.micros) if fixed else None
    if isinstance(a, Duration) and type(b) is int and e.op is ir.ArithmeticOp.MULTIPLY:
        whole = Duration(a.amount * b, a.unit)
        return _at(e, whole) if b >= 0 and not is_too_long(whole) else None
    sign = -1 if e.op is ir.ArithmeticOp.SUBTRACT else 1
    if isinstance(a, Duration) and isinstance(b, date):
        a, b = b, a
    if not isinstance(a, date) or not isinstance(b, Duration):
        return None
    start = a if isinstance(a, datetime) else datetime(a.year, a.month, a.day)
    try:
        return _at(e, b.later(start, sign))
    except (OverflowError, ValueError):
        return None
