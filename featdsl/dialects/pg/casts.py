"""Casts in Postgres: those that give the same value, and guards where it would stop."""

from __future__ import annotations

import re

from sqlglot import exp

from featdsl.dialects.pg.typed import (
    LARGEST_INT,
    Type,
    Value,
    as_numeric,
    as_text,
    collated,
    family,
    named_type,
)
from featdsl.dialects.spec import Lacking
from featdsl.sql import build

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?\Z")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?)?\Z")
_NUMBERS = (Type.INT, Type.NUMERIC, Type.FLOAT)
_TIMES = (Type.DATE, Type.TIMESTAMP)


def cast_value(value: Value, to: exp.DataType, *, safe: bool) -> Value:
    """``CAST(value AS to)``; with `safe`, null where that cannot be.

    Raises:
        Lacking: Postgres reads or writes other text.
    """
    target, dtype = family(to), named_type(to)
    if value.type is Type.NULL:
        return Value(exp.Cast(this=value.sql, to=dtype), target, by_code_point=True)
    if target is Type.TEXT:
        return _to_text(value)
    if value.type is Type.TEXT and not _is_plain(value.sql, target):
        raise Lacking(f"reading {target} from text")
    sql = value.sql
    if value.type is Type.BOOL and target in _NUMBERS:
        sql = exp.Cast(this=sql, to=exp.DataType(this=exp.DataType.Type.INT))
    if value.type is Type.FLOAT and target is Type.NUMERIC:
        sql = as_text(sql)  # straight, it would keep 15 digits
    if value.type in _NUMBERS and target is Type.BOOL:
        return Value(exp.NEQ(this=build.paren(sql), expression=build.number(0)), Type.BOOL)
    found = exp.Cast(this=sql, to=dtype)
    if safe and value.type in _NUMBERS and target in (Type.INT, Type.NUMERIC):
        return Value(build.case(_fits(value.sql, target, to), found), target)
    return Value(found, target)


def _is_plain(value: exp.Expr, target: Type) -> bool:
    """Whether it is a literal that every engine reads alike."""
    if not isinstance(value, exp.Literal):
        return False
    if target in _NUMBERS:
        return _NUMBER.match(value.name) is not None
    return target in _TIMES and _TIME.match(value.name) is not None


def _to_text(value: Value) -> Value:
    match value.type:
        case Type.TEXT:
            return value if value.by_code_point else Value(collated(value.sql), Type.TEXT, True)
        case Type.BOOL | Type.INT | Type.NUMERIC:
            sql = as_text(value.sql)
        case Type.DATE:
            sql = _written(value.sql, "YYYY-MM-DD")
        case Type.TIMESTAMP:
            digits = _written(value.sql, "YYYY-MM-DD HH24:MI:SS.US")
            cut = build.func("rtrim", digits, build.text("0"))
            sql = build.func("rtrim", cut, build.text("."))
        case _:
            raise Lacking(f"{value.type} as text")
    return Value(collated(sql), Type.TEXT, True)


def _written(value: exp.Expr, pattern: str) -> exp.Expr:
    return build.func("to_char", value, build.text(pattern))


def _fits(value: exp.Expr, target: Type, to: exp.DataType) -> exp.Expr:
    """Whether a number has no more digits than the type."""
    value = build.paren(value.copy())
    if target is Type.INT:
        least = exp.Neg(this=exp.Literal.number(str(LARGEST_INT + 1)))
        return exp.Between(this=as_numeric(value), low=least, high=build.number(LARGEST_INT))
    precision, scale = 38, 0
    if to.expressions:
        precision, scale = (int(p.this.name) for p in to.expressions)
    limit = exp.Literal.number("1" + "0" * (precision - scale))
    return exp.LT(this=build.func("abs", as_numeric(value)), expression=limit)
