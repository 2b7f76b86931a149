"""sqlglot expressions for names, literals, casts and conditions.

Durations are 64-bit counts of microseconds in SQL: exact, comparable, the same on every engine.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from sqlglot import exp

from featdsl.ir.expr import Value
from featdsl.types.dtype import FLOAT, INT, INT_DIGITS, MAX_DIGITS, DType, Kind, decimal
from featdsl.types.duration import Duration
from featdsl.types.value import MapValue

_TYPES = {
    Kind.BOOL: exp.DataType.Type.BOOLEAN,
    Kind.FLOAT: exp.DataType.Type.DOUBLE,
    Kind.TEXT: exp.DataType.Type.VARCHAR,
    Kind.DATE: exp.DataType.Type.DATE,
    Kind.TIMESTAMP: exp.DataType.Type.TIMESTAMP,
    Kind.DURATION: exp.DataType.Type.BIGINT,
}


def ident(name: str) -> exp.Identifier:
    """A quoted identifier: any text is one name."""
    return exp.to_identifier(name, quoted=True)


def col(name: str, table: str | None = None) -> exp.Column:
    """A quoted column reference."""
    return exp.column(name, table=table, quoted=True)


def table(name: str, alias: str | None = None) -> exp.Table:
    """A quoted table or CTE reference."""
    return exp.Table(
        this=ident(name), alias=exp.TableAlias(this=ident(alias)) if alias is not None else None
    )


def func(name: str, *args: exp.Expr) -> exp.Expr:
    """A function of the engine by its own name; `name` is a constant of ours, never a user's."""
    return exp.Anonymous(this=name, expressions=list(args))


def number(value: int) -> exp.Expr:
    """An integer literal."""
    if value < 0:
        return exp.Neg(this=exp.Literal.number(str(-int(value))))
    return exp.Literal.number(str(int(value)))


def text(value: str) -> exp.Expr:
    """A text literal."""
    return exp.Literal.string(value)


def aliased(value: exp.Expr, name: str) -> exp.Expr:
    """``value AS name``, or the column itself where that is its name."""
    if isinstance(value, exp.Column) and value.name == name:
        return value
    return exp.Alias(this=value, alias=ident(name))


def null() -> exp.Expr:
    return exp.Null()


def boolean(value: bool) -> exp.Expr:
    return exp.Boolean(this=value)


def timestamp(value: datetime) -> exp.Expr:
    """``TIMESTAMP '…'`` of a UTC instant without zone."""
    assert value.tzinfo is None, "instants are naive UTC here"
    return exp.cast(text(value.isoformat(sep=" ")), exp.DataType.Type.TIMESTAMP)


def sql_type(dtype: DType) -> exp.DataType:
    """The engine's type for one of ours."""
    match dtype.kind:
        case Kind.INT:
            wide = dtype.precision > INT_DIGITS
            return exp.DataType(this=exp.DataType.Type.INT128 if wide else exp.DataType.Type.BIGINT)
        case Kind.DECIMAL:
            sizes = [
                exp.DataTypeParam(this=exp.Literal.number(str(n)))
                for n in (dtype.precision, dtype.scale)
            ]
            return exp.DataType(this=exp.DataType.Type.DECIMAL, expressions=sizes)
        case Kind.LIST:
            return exp.DataType(
                this=exp.DataType.Type.ARRAY, expressions=[sql_type(dtype.items[0])], nested=True
            )
        case Kind.MAP:
            return exp.DataType(
                this=exp.DataType.Type.MAP,
                expressions=[sql_type(item) for item in dtype.items],
                nested=True,
            )
        case kind if kind in _TYPES:
            return exp.DataType(this=_TYPES[kind])
        case _:
            raise AssertionError(f"no SQL type for {dtype}")


def cast(value: exp.Expr, dtype: DType, *, safe: bool = False) -> exp.Expr:
    """``CAST``, or ``TRY_CAST`` where `safe`; what is cast to that type already stays as it is."""
    to = sql_type(dtype)
    if isinstance(value, exp.Cast) and value.to == to:
        return value
    node = exp.TryCast if safe else exp.Cast
    return node(this=value, to=to)


def cast_float(value: exp.Expr) -> exp.Expr:
    """A value as float64."""
    return cast(value, FLOAT)


def literal(value: Value, dtype: DType) -> exp.Expr:
    """A value of a type. Numbers are written from numbers: no text passes through."""
    match value:
        case None:
            return null() if dtype.kind is Kind.NULL else cast(null(), dtype)
        case bool():
            return boolean(value)
        case int():
            return number(value) if dtype.kind is Kind.INT else cast(number(value), dtype)
        case Decimal():
            # copy_abs keeps every digit; abs would round to the context's precision.
            digits = exp.Literal.number(format(value.copy_abs(), "f"))
            signed = exp.Neg(this=digits) if value < 0 else digits
            return cast(signed, dtype)
        case float():
            assert value == value and abs(value) != float("inf"), "NaN and infinity are null"
            return cast(text(repr(value)), dtype)
        case str():
            return text(value)
        case datetime():
            return timestamp(value)
        case date():
            return exp.cast(text(value.isoformat()), exp.DataType.Type.DATE)
        case Duration():
            return number(value.micros)
        case tuple():
            items = [literal(v, dtype.items[0]) for v in value]
            return cast(exp.Array(expressions=items), dtype)
        case MapValue():
            keys, values = ([literal(e[i], dtype.items[i]) for e in value] for i in (0, 1))
            made = exp.Map(keys=exp.Array(expressions=keys), values=exp.Array(expressions=values))
            return cast(made, dtype)
    raise AssertionError(f"no literal for {value!r}")


def all_of(conditions: Iterable[exp.Expr | None]) -> exp.Expr | None:
    """``a AND b AND …`` of what is there; None of nothing."""
    present = [c for c in conditions if c is not None]
    return exp.and_(*present, copy=False) if present else None


def case(condition: exp.Expr, then: exp.Expr, otherwise: exp.Expr | None = None) -> exp.Case:
    """``CASE WHEN condition THEN then [ELSE otherwise] END``."""
    return exp.Case(ifs=[exp.If(this=condition, true=then)], default=otherwise)


def is_null(value: exp.Expr, *, negated: bool = False) -> exp.Expr:
    test = exp.Is(this=paren(value), expression=null())
    return exp.Not(this=test) if negated else test


def coalesce(*values: exp.Expr) -> exp.Expr:
    return exp.Coalesce(this=values[0], expressions=list(values[1:]))


def paren(value: exp.Expr) -> exp.Expr:
    """Parentheses round anything that has an operator at its top."""
    if isinstance(value, exp.Binary | exp.Unary | exp.Between | exp.In | exp.Is) and not isinstance(
        value, exp.Paren | exp.Dot
    ):
        return exp.Paren(this=value)
    return value


def finite(value: exp.Expr) -> exp.Expr:
    """Null in place of NaN and infinity."""
    return case(func("isfinite", value.copy()), value)


_WHOLE = 2**52
"""Floats from here on have no digits after the point."""


def round_float(value: exp.Expr, digits: int) -> exp.Expr:
    """A float rounded half away from zero: its product with 10 ** digits, or its quotient.

    Engines, and versions of one, differ in what their own rounding to places makes of a float
    whose decimal is no float: 2.675 is a little less than it reads.
    """
    if digits == 0:
        return func("round", value)
    unit = cast(number(10 ** abs(digits)), FLOAT)
    value = paren(value)
    if digits < 0:
        return exp.Mul(this=func("round", divide(value, unit)), expression=unit.copy())
    product = exp.Mul(this=value.copy(), expression=unit)
    small = exp.LT(this=func("abs", value.copy()), expression=number(_WHOLE))
    return case(small, divide(func("round", product), unit.copy()), value.copy())


def for_each(
    function: str, items: exp.Expr, name: str, body: exp.Expr, *, index: str | None = None
) -> exp.Expr:
    """``list_transform`` or ``list_filter`` with ``lambda name[, index]: body``; names are ours."""
    names = [exp.to_identifier(n) for n in (name, index) if n is not None]
    return func(function, items, exp.Lambda(this=body, expressions=names))


def it(name: str) -> exp.Expr:
    """What a lambda calls its item; quoted as its parameter is not, which no engine minds."""
    return exp.Column(this=exp.to_identifier(name))


def divide(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    """Float division, null where the divisor is 0; operands are cast by the caller."""
    return exp.Div(
        this=paren(left),
        expression=exp.Nullif(this=right, expression=number(0)),
        typed=False,
        safe=False,
    )


def epoch_us(value: exp.Expr) -> exp.Expr:
    """Microseconds since 1970 of a timestamp."""
    return func("epoch_us", value)


def interval(duration: Duration) -> exp.Expr:
    """``INTERVAL 'n' UNIT`` of a fixed length, in the largest unit that fits."""
    n, unit = _largest_unit(duration.micros)
    return exp.Interval(this=exp.Literal.string(str(n)), unit=exp.Var(this=unit))


def _largest_unit(micros: int) -> tuple[int, str]:
    for unit, size in (("DAY", 86_400_000_000), ("HOUR", 3_600_000_000), ("MINUTE", 60_000_000)):
        if micros % size == 0:
            return micros // size, unit
    if micros % 1_000_000 == 0:
        return micros // 1_000_000, "SECOND"
    return micros, "MICROSECOND"


def minus(time: exp.Expr, duration: Duration | None) -> exp.Expr:
    """A timestamp moved back."""
    if duration is None or duration.amount == 0:
        return time
    if duration.is_calendar:
        return _moved_by_months(time, -duration.months)
    return exp.Sub(this=time, expression=interval(duration))


def plus(time: exp.Expr, duration: Duration | None) -> exp.Expr:
    """A timestamp moved on."""
    if duration is None or duration.amount == 0:
        return time
    if duration.is_calendar:
        return _moved_by_months(time, duration.months)
    return exp.Add(this=time, expression=interval(duration))


def _moved_by_months(time: exp.Expr, months: int) -> exp.Expr:
    """``INTERVAL 'n' MONTH + time``, with the interval first, where days stand last.

    To DuckDB, `INTERVAL '30' DAY` equals `INTERVAL '1' MONTH`, so it takes `t + INTERVAL '30' DAY`
    and `t + INTERVAL '1' MONTH` in one projection for the same expression and computes one.
    """
    step = exp.Interval(this=exp.Literal.string(str(months)), unit=exp.Var(this="MONTH"))
    return exp.Add(this=step, expression=paren(time))


def floor_divide_positive(value: exp.Expr, divisor: int) -> exp.Expr:
    """Floor of an int over a positive constant: DuckDB's ``//`` truncates towards zero."""
    assert divisor > 0
    return floor_divide(value, number(divisor))


def floor_divide(left: exp.Expr, right: exp.Expr, dtype: DType = INT) -> exp.Expr:
    """Floor of the exact quotient, null where `right` is 0; operands have numbers of `dtype`.

    An int for ints, a whole decimal for decimals, a float for floats, where the quotient is
    exact before it is floored: ``1.0 // 0.1`` is 9, since that 0.1 is a little more than 1/10.
    """
    if dtype.kind is Kind.FLOAT:
        rest = exp.Sub(this=paren(left.copy()), expression=paren(floor_mod(left, right, dtype)))
        return finite(func("round", divide(paren(rest), right)))
    if dtype.kind is Kind.DECIMAL:
        whole = floor_divide(_scaled(left, dtype), _scaled(right, dtype))
        return cast(whole, decimal(MAX_DIGITS, 0))
    quotient = exp.IntDiv(this=paren(left.copy()), expression=_divisor(right))
    less = case(_opposite(_remainder(left, right), right), number(1), number(0))
    return exp.Sub(this=quotient, expression=less)


def floor_mod(left: exp.Expr, right: exp.Expr, dtype: DType = INT) -> exp.Expr:
    """``left - right * floor(left / right)``: the sign is the divisor's; null where it is 0.

    Operands have numbers of `dtype`, which is the result's type.
    """
    if dtype.kind is Kind.INT and not isinstance(right, exp.Literal):
        # The smallest int over -1 overflows in the engine before it has a remainder.
        left = exp.cast(left, exp.DataType.Type.INT128)
    rest = _remainder(left, right)
    zero = number(0) if dtype.kind is Kind.INT else cast(number(0), dtype)
    more = case(_opposite(rest.copy(), right), right.copy(), zero)
    value = exp.Add(this=rest, expression=more)
    plain = isinstance(right, exp.Literal) or dtype.kind is Kind.FLOAT
    return value if plain else cast(value, dtype)


def _remainder(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    """What is left after division towards zero: the engine's ``%``."""
    return exp.Mod(this=paren(left.copy()), expression=_divisor(right))


def _divisor(value: exp.Expr) -> exp.Expr:
    """Null in place of 0: division of ints by 0 stops the engine."""
    if isinstance(value, exp.Literal) and value.name.strip("0."):
        return value.copy()
    return exp.Nullif(this=value.copy(), expression=number(0))


def _opposite(rest: exp.Expr, divisor: exp.Expr) -> exp.Expr:
    """Whether a remainder is not 0 and of the other sign than its divisor."""
    if isinstance(divisor, exp.Literal):
        return exp.LT(this=rest, expression=number(0))
    return exp.EQ(this=func("sign", rest), expression=exp.Neg(this=func("sign", divisor.copy())))


def _scaled(value: exp.Expr, dtype: DType) -> exp.Expr:
    """A decimal as the whole number of its smallest units."""
    unit = cast(number(10**dtype.scale), decimal(dtype.scale + 1, 0))
    # Of fewer digits the engine would keep to 64 bits, and stop where they do not hold the product.
    wide = cast(value.copy(), decimal(MAX_DIGITS, dtype.scale))
    return exp.cast(exp.Mul(this=wide, expression=unit), exp.DataType.Type.INT128)
