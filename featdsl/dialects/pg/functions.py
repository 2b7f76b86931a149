"""Scalar functions of the common vocabulary in Postgres: a closed table.

What is not in it is refused. Postgres raises where a float leaves its range, also towards zero:
where that is to be expected of a function, its arguments are kept from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot import exp

from featdsl.dialects.pg.typed import (
    Type,
    Value,
    any_by_code_point,
    as_float,
    as_int,
    as_numeric,
    as_text,
    cast,
    collated,
    first_type,
)
from featdsl.dialects.spec import Lacking
from featdsl.sql import build

Builder = Callable[[list[Value]], Value]

_TIMESTAMP = exp.DataType.Type.TIMESTAMP
# Beyond these the result of exp() has no float64 of full precision.
_LARGEST_EXPONENT, _LEAST_EXPONENT = "709.78", "708.39"
# 0.5 to this power is 1e-301: what is multiplied by less is 0, and Postgres would stop.
_MOST_HALVINGS = "1000"


def _plain(name: str, result: Type | None = None) -> Builder:
    """The function of that name; its result has the type of the first argument, or `result`."""

    def builder(args: list[Value]) -> Value:
        found = first_type(a.type for a in args) if result is None else result
        sql = build.func(name, *(a.sql for a in args))
        return Value(sql, found, by_code_point=any_by_code_point(args))

    return builder


def _part(field: str) -> Builder:
    """A part of a date or time, as an int."""

    def builder(args: list[Value]) -> Value:
        return Value(as_int(_extract(field, args[0].sql)), Type.INT)

    return builder


def _extract(field: str, value: exp.Expr) -> exp.Expr:
    return exp.Extract(this=exp.Var(this=field), expression=value)


def _epoch_us(args: list[Value]) -> Value:
    # The epoch of a timestamp is a numeric with all six digits.
    micros = exp.Mul(this=_extract("EPOCH", args[0].sql), expression=build.number(1_000_000))
    return Value(as_int(micros), Type.INT)


def _make_timestamp(args: list[Value]) -> Value:
    """Days and the rest apart: each is exact as the float that multiplies an interval."""
    day = 86_400_000_000
    micros = build.paren(args[0].sql)
    days = exp.Div(this=micros, expression=build.number(day), typed=True)
    rest = exp.Mod(this=micros.copy(), expression=build.number(day))
    start = exp.cast(build.text("1970-01-01 00:00:00"), _TIMESTAMP)
    moved = exp.Add(this=start, expression=_times(days, "DAY"))
    return Value(exp.Add(this=moved, expression=_times(rest, "MICROSECOND")), Type.TIMESTAMP)


def _times(n: exp.Expr, unit: str) -> exp.Expr:
    one = exp.Interval(this=build.text("1"), unit=exp.Var(this=unit))
    return exp.Mul(this=exp.Paren(this=n), expression=one)


def _timezone(args: list[Value]) -> Value:
    """A wall-clock time of a zone as an instant, or the other way round."""
    turned = {Type.TIMESTAMP: Type.ZONED, Type.ZONED: Type.TIMESTAMP, Type.NULL: Type.ZONED}
    if args[1].type not in turned:
        raise Lacking("timezone of a date")
    time = args[1].sql
    if args[1].type is Type.NULL:
        time = cast(time, _TIMESTAMP)
    return Value(build.func("timezone", args[0].sql, time), turned[args[1].type])


def _date_trunc(args: list[Value]) -> Value:
    time = args[1].sql
    if args[1].type is not Type.TIMESTAMP:  # or it would be an instant of the session's zone
        time = cast(time, _TIMESTAMP)
    return Value(build.func("date_trunc", args[0].sql, time), Type.TIMESTAMP)


def _date_diff(args: list[Value]) -> Value:
    unit, first, second = args
    days = isinstance(unit.sql, exp.Literal) and unit.sql.name == "day"
    if not days or {first.type, second.type} - {Type.DATE, Type.NULL}:
        raise Lacking("date_diff of times")
    dates = [cast(v.sql, exp.DataType.Type.DATE) for v in (second, first)]
    return Value(as_int(exp.Paren(this=exp.Sub(this=dates[0], expression=dates[1]))), Type.INT)


def _round(args: list[Value]) -> Value:
    """Half away from zero; `round` of Postgres rounds floats half to even."""
    value = args[0]
    digits = _constant(args[1].sql) if len(args) > 1 else 0
    if value.type is Type.FLOAT:
        assert digits == 0, "floats are rounded to places by their product: `build.round_float`"
        return Value(_half_away(value.sql), Type.FLOAT)
    if value.type is Type.NULL:
        return Value(as_numeric(value.sql), Type.NUMERIC)
    exact = value.sql if value.type is Type.NUMERIC else as_numeric(value.sql)
    return Value(build.func("round", exact, build.number(digits)), Type.NUMERIC)


def _half_away(value: exp.Expr) -> exp.Expr:
    """To a whole number by way of the shortest decimal, whose halves are those of the float."""
    return as_float(build.func("round", as_numeric(as_text(value))))


def _constant(value: exp.Expr) -> int:
    assert isinstance(value, exp.Literal | exp.Neg), "a constant is a literal"
    return -int(value.name) if isinstance(value, exp.Neg) else int(value.name)


def _sign(args: list[Value]) -> Value:
    """Of ints by way of a numeric: a float does not hold them all."""
    value = args[0]
    if value.type is Type.INT:
        return Value(as_int(build.func("sign", as_numeric(value.sql))), Type.INT)
    return Value(build.func("sign", value.sql), value.type)


def _rounded_down_or_up(name: str) -> Builder:
    def builder(args: list[Value]) -> Value:
        value = args[0]
        exact = as_numeric(value.sql) if value.type is Type.INT else value.sql
        found = Type.NUMERIC if value.type is Type.INT else value.type
        return Value(build.func(name, exact), found)

    return builder


def _exp(args: list[Value]) -> Value:
    value = build.paren(args[0].sql)
    raised = build.func("exp", value.copy())
    return Value(_in_range(value, raised), Type.FLOAT)


def _in_range(exponent: exp.Expr, value: exp.Expr) -> exp.Expr:
    """A power of e where a float holds it: null above, 0 below."""
    large = exp.GT(this=exponent.copy(), expression=exp.Literal.number(_LARGEST_EXPONENT))
    least = exp.Neg(this=exp.Literal.number(_LEAST_EXPONENT))
    small = exp.LT(this=exponent.copy(), expression=least)
    return exp.Case(
        ifs=[
            exp.If(this=large, true=build.null()),
            exp.If(this=small, true=as_float(build.number(0))),
        ],
        default=value,
    )


def _pow(args: list[Value]) -> Value:
    base, exponent = (build.paren(a.sql) for a in args)
    power = build.func("power", base.copy(), exponent.copy())
    half = base.this if isinstance(base, exp.Cast) else base
    if isinstance(half, exp.Literal) and half.name == "0.5":
        most = exp.Literal.number(_MOST_HALVINGS)
        little = exp.LTE(this=exponent.copy(), expression=most)
        none = exp.GT(this=exponent.copy(), expression=most.copy())
        zero = exp.If(this=none, true=as_float(build.number(0)))
        return Value(exp.Case(ifs=[exp.If(this=little, true=power), zero]), Type.FLOAT)
    return Value(_any_power(base, exponent, power), Type.FLOAT)


def _any_power(base: exp.Expr, exponent: exp.Expr, power: exp.Expr) -> exp.Expr:
    """As IEEE 754, null where it has no float; each case ends before Postgres would stop."""
    zero = build.number(0)
    plain = exp.Or(
        this=exp.EQ(this=exponent.copy(), expression=zero.copy()),
        expression=exp.EQ(this=build.func("abs", base.copy()), expression=build.number(1)),
    )
    whole = exp.EQ(this=exponent.copy(), expression=build.func("floor", exponent.copy()))
    rootless = exp.And(
        this=exp.LT(this=base.copy(), expression=zero.copy()), expression=exp.Not(this=whole)
    )
    no_base = exp.EQ(this=base.copy(), expression=zero.copy())
    of_zero = build.case(
        exp.GT(this=exponent.copy(), expression=zero.copy()), as_float(zero.copy())
    )
    # Numerics neither overflow nor underflow here.
    log = build.func("ln", build.func("abs", base.copy()))
    size = exp.Mul(this=as_numeric(log), expression=as_numeric(exponent.copy()))
    return exp.Case(
        ifs=[
            exp.If(this=rootless, true=build.null()),
            exp.If(this=plain, true=power),
            exp.If(this=no_base, true=of_zero),
        ],
        default=_in_range(exp.Paren(this=size), power.copy()),
    )


def _log2(args: list[Value]) -> Value:
    """Of floats Postgres has only the natural one and that to 10."""
    quotient = exp.Div(
        this=build.func("ln", args[0].sql),
        expression=build.func("ln", as_float(build.number(2))),
        typed=True,
    )
    return Value(quotient, Type.FLOAT)


def _contains(args: list[Value]) -> Value:
    found = build.func("strpos", args[0].sql, args[1].sql)
    return Value(exp.GT(this=found, expression=build.number(0)), Type.BOOL)


def _ends_with(args: list[Value]) -> Value:
    end = build.func("right", args[0].sql, build.func("length", args[1].sql))
    return Value(exp.EQ(this=end, expression=build.paren(args[1].sql.copy())), Type.BOOL)


def _length(args: list[Value]) -> Value:
    return Value(as_int(build.func("length", args[0].sql)), Type.INT)


def _lower(args: list[Value]) -> Value:
    return Value(collated(build.func("lower", _unicode(args[0].sql))), Type.TEXT, True)


def _upper(args: list[Value]) -> Value:
    """By Postgres's simple mapping, which leaves this one letter."""
    found = build.func("upper", _unicode(args[0].sql))
    raised = build.func("replace", found, build.text("ß"), build.text("ẞ"))
    return Value(collated(raised), Type.TEXT, True)


def _unicode(value: exp.Expr) -> exp.Expr:
    """With the mapping of letters that is built in and depends on no operating system."""
    return collated(value, "pg_c_utf8")


def _bytes(value: exp.Expr) -> exp.Expr:
    return build.func("convert_to", value, build.text("UTF8"))


def _hex_text(value: exp.Expr) -> Value:
    return Value(collated(build.func("encode", value, build.text("hex"))), Type.TEXT, True)


def _sha256(args: list[Value]) -> Value:
    return _hex_text(build.func("sha256", _bytes(args[0].sql)))


def _hex(args: list[Value]) -> Value:
    digits = _hex_text(_bytes(args[0].sql))
    return Value(collated(build.func("upper", digits.sql)), Type.TEXT, True)


def _isfinite(args: list[Value]) -> Value:
    """Stored floats are finite or null, and Postgres computes no others but where it is said."""
    if args[0].finite:
        return Value(build.is_null(args[0].sql, negated=True), Type.BOOL)
    strange = [build.text(t) for t in ("NaN", "Infinity", "-Infinity")]
    found = exp.In(this=build.paren(args[0].sql), expressions=strange)
    return Value(exp.Not(this=found), Type.BOOL)


def finite(value: Value) -> Value:
    """Null in place of NaN and infinity."""
    if value.finite:
        return value
    sql = value.sql
    for strange in ("NaN", "Infinity", "-Infinity"):
        sql = exp.Nullif(this=sql, expression=build.text(strange))
    return Value(sql, value.type)


FUNCTIONS: Mapping[str, Builder] = {
    "abs": _plain("abs"),
    "ceil": _rounded_down_or_up("ceil"),
    "chr": _plain("chr", Type.TEXT),
    "contains": _contains,
    "date_diff": _date_diff,
    "date_trunc": _date_trunc,
    "day": _part("DAY"),
    "ends_with": _ends_with,
    "epoch_us": _epoch_us,
    "exp": _exp,
    "floor": _rounded_down_or_up("floor"),
    "greatest": _plain("greatest"),
    "hex": _hex,
    "hour": _part("HOUR"),
    "isfinite": _isfinite,
    "isodow": _part("ISODOW"),
    "least": _plain("least"),
    "left": _plain("left", Type.TEXT),
    "length": _length,
    "ln": _plain("ln", Type.FLOAT),
    "log10": _plain("log10", Type.FLOAT),
    "log2": _log2,
    "lower": _lower,
    "make_timestamp": _make_timestamp,
    "month": _part("MONTH"),
    "now": _plain("now", Type.ZONED),
    "pow": _pow,
    "replace": _plain("replace", Type.TEXT),
    "round": _round,
    "sha256": _sha256,
    "sign": _sign,
    "sqrt": _plain("sqrt", Type.FLOAT),
    "starts_with": _plain("starts_with", Type.BOOL),
    "substring": _plain("substring", Type.TEXT),
    "timezone": _timezone,
    "translate": _plain("translate", Type.TEXT),
    "trim": _plain("btrim", Type.TEXT),
    "upper": _upper,
    "year": _part("YEAR"),
}
