"""From the types that files store to the types that sources declare, without loss.

Loss is a value changed: an int cut to fewer bits, a decimal rounded, a time of day dropped.
Declared floats are approximate, so a decimal may become one; a stored float becomes a decimal
where the decimal reads back to the same float. NaN and infinity are null. Times with a zone are
converted to UTC, those without one are UTC; below a microsecond they are cut off.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlglot import exp

from featdsl.sources.spec import Conversion
from featdsl.sources.stored_nested import convert_list, convert_map, item_types
from featdsl.sql import build
from featdsl.types.dtype import DType, Kind

_DIGITS = {
    "TINYINT": 3,
    "UTINYINT": 3,
    "SMALLINT": 5,
    "USMALLINT": 5,
    "INTEGER": 10,
    "UINTEGER": 10,
    "BIGINT": 19,
    "UBIGINT": 20,
    "HUGEINT": 39,
    "UHUGEINT": 39,
}
_LONG = frozenset({"UBIGINT", "HUGEINT", "UHUGEINT"})
_FLOATS = frozenset({"FLOAT", "DOUBLE"})
_NAIVE = frozenset({"TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"})
_ZONED = frozenset({"TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ"})
_ZONED_NS = frozenset({"TIMESTAMPTZ_NS", "TIMESTAMP_NS WITH TIME ZONE"})
_NANOSECONDS = _ZONED_NS | {"TIMESTAMP_NS"}
_TIMES = _NAIVE | _ZONED | _ZONED_NS | {"TIMESTAMP"}
_DECIMAL = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)")
_EXACT_FLOAT = 2**53
"""Ints up to here are exact as float64."""
_ROUND_TRIP = "1e-15"
"""Relative distance within which a float64 reads back from a decimal."""

_WORDS = {
    "VARCHAR": "text",
    "BLOB": "bytes",
    "BOOLEAN": "bool",
    "DOUBLE": "float",
    "FLOAT": "float of 32 bits",
    "DATE": "date",
    "TIME": "time of day",
    "INTERVAL": "interval",
    '"NULL"': "nothing but nulls",
}


def type_words(stored: str) -> str:
    """A stored type in the words of the language, as far as it has some."""
    if stored in _DIGITS:
        return "int"
    if stored in _TIMES:
        return "timestamp"
    if held := item_types(stored):
        return f"{'list' if len(held) == 1 else 'map'}({', '.join(map(type_words, held))})"
    return _WORDS.get(stored, stored.lower())


def convert(column: exp.Expr, stored: str, dtype: DType) -> Conversion | str:
    """SQL that turns a stored column into `dtype`; or, in words, why there is none.

    Args:
        column: The stored column.
        stored: Its type as DuckDB spells it.
        dtype: What it is declared to be.
    """
    if stored in ('"NULL"', "NULL"):
        return Conversion(value=build.cast(build.null(), dtype))
    converter = _CONVERTERS.get(dtype.kind)
    found = None if converter is None else converter(column, stored, dtype)
    if found is None:
        return f"it holds {type_words(stored)}"
    return found


def _cast(value: exp.Expr, dtype: DType, *, safe: bool = False) -> exp.Expr:
    return build.cast(value.copy(), dtype, safe=safe)


def _present(column: exp.Expr) -> exp.Expr:
    return build.is_null(column.copy(), negated=True)


def _lost(column: exp.Expr, value: exp.Expr, *more: exp.Expr) -> exp.Expr:
    """The column has a value, and the converted one is null or differs by `more`."""
    differs: exp.Expr = build.is_null(value.copy())
    for condition in more:
        differs = exp.Or(this=differs, expression=condition)
    return exp.And(this=_present(column), expression=exp.Paren(this=differs))


def _checked(column: exp.Expr, dtype: DType) -> Conversion:
    value = _cast(column, dtype, safe=True)
    return Conversion(value=value, misfit=_lost(column, value))


def _exact(column: exp.Expr, dtype: DType) -> Conversion:
    """An exact number to one with fewer digits: it must come out equal."""
    value = _cast(column, dtype, safe=True)
    unequal = exp.NEQ(this=value.copy(), expression=column.copy())
    return Conversion(value=value, misfit=_lost(column, value, unequal))


def _from_float(column: exp.Expr, dtype: DType) -> Conversion:
    """A float to an exact number: it must read back; NaN and infinity are null."""
    wide = exp.cast(column.copy(), exp.DataType.Type.DOUBLE)
    value = build.case(build.func("isfinite", column.copy()), _cast(column, dtype, safe=True))
    back = exp.cast(value.copy(), exp.DataType.Type.DOUBLE)
    distance = build.func("abs", exp.Sub(this=back, expression=wide.copy()))
    allowed = exp.Mul(
        this=build.func("abs", wide.copy()),
        expression=exp.cast(build.text(_ROUND_TRIP), exp.DataType.Type.DOUBLE),
    )
    conditions: list[exp.Expr] = [exp.GT(this=distance, expression=exp.Paren(this=allowed))]
    if dtype.kind is Kind.INT:
        bound = build.number(_EXACT_FLOAT)
        conditions = [
            exp.NEQ(this=back.copy(), expression=wide.copy()),
            exp.GT(this=build.func("abs", wide.copy()), expression=bound),
        ]
    finite = build.func("isfinite", column.copy())
    return Conversion(
        value=value,
        misfit=exp.And(this=finite, expression=exp.Paren(this=_lost(column, value, *conditions))),
    )


def _to_int(column: exp.Expr, stored: str, dtype: DType) -> Conversion | None:
    if stored == "BIGINT":
        return Conversion(value=column.copy())
    if stored in _LONG:
        return _checked(column, dtype)
    if stored in _DIGITS:
        return Conversion(value=_cast(column, dtype))
    if (match := _DECIMAL.fullmatch(stored)) is not None:
        precision, scale = int(match[1]), int(match[2])
        if scale == 0 and precision < _DIGITS["BIGINT"]:
            return Conversion(value=_cast(column, dtype))
        return _exact(column, dtype)
    return _from_float(column, dtype) if stored in _FLOATS else None


def _to_float(column: exp.Expr, stored: str, dtype: DType) -> Conversion | None:
    if stored in _FLOATS:
        wide = column.copy() if stored == "DOUBLE" else _cast(column, dtype)
        return Conversion(value=build.case(build.func("isfinite", column.copy()), wide))
    if _DECIMAL.fullmatch(stored) is not None:
        return Conversion(value=_cast(column, dtype))
    if stored not in _DIGITS:
        return None
    value = _cast(column, dtype)
    if _DIGITS[stored] <= _DIGITS["INTEGER"]:
        return Conversion(value=value)
    bound = build.number(_EXACT_FLOAT)
    return Conversion(
        value=value,
        misfit=exp.Or(
            this=exp.GT(this=column.copy(), expression=bound),
            expression=exp.LT(this=column.copy(), expression=build.number(-_EXACT_FLOAT)),
        ),
    )


def _to_decimal(column: exp.Expr, stored: str, dtype: DType) -> Conversion | None:
    whole = dtype.precision - dtype.scale
    if stored in _DIGITS:
        if _DIGITS[stored] <= whole:
            return Conversion(value=_cast(column, dtype))
        return _checked(column, dtype)
    if (match := _DECIMAL.fullmatch(stored)) is not None:
        precision, scale = int(match[1]), int(match[2])
        if (precision, scale) == (dtype.precision, dtype.scale):
            return Conversion(value=column.copy())
        if scale <= dtype.scale and precision - scale <= whole:
            return Conversion(value=_cast(column, dtype))
        return _exact(column, dtype)
    return _from_float(column, dtype) if stored in _FLOATS else None


def _to_text(column: exp.Expr, stored: str, dtype: DType) -> Conversion | None:
    if stored == "VARCHAR":
        return Conversion(value=column.copy())
    if stored == "UUID" or stored.startswith("ENUM"):
        return Conversion(value=_cast(column, dtype))
    return None


def _to_bool(column: exp.Expr, stored: str, dtype: DType) -> Conversion | None:
    return Conversion(value=column.copy()) if stored == "BOOLEAN" else None


def utc(column: exp.Expr, stored: str) -> exp.Expr | None:
    """A stored time as UTC without zone; None where it is no time.

    DuckDB 2.0 casts nanoseconds with a zone to no other type but the zoned one, and rounds
    where it casts nanoseconds: a time would come out later than it was.
    """
    timestamp = exp.DataType.Type.TIMESTAMP
    if stored == "TIMESTAMP":
        return column.copy()
    if stored in _NANOSECONDS:
        whole = build.floor_divide_positive(build.func("epoch_ns", column.copy()), 1000)
        return build.func("make_timestamp", whole)
    if stored in _NAIVE or stored in _ZONED or stored == "DATE":
        return exp.cast(column.copy(), timestamp)
    return None


def _to_timestamp(column: exp.Expr, stored: str, dtype: DType) -> Conversion | None:
    time = utc(column, stored)
    return None if time is None else Conversion(value=time)


def _to_date(column: exp.Expr, stored: str, dtype: DType) -> Conversion | None:
    if stored == "DATE":
        return Conversion(value=column.copy())
    time = utc(column, stored)
    if time is None:
        return None
    value = _cast(time, dtype)
    midnight = exp.cast(value.copy(), exp.DataType.Type.TIMESTAMP)
    return Conversion(
        value=value, misfit=_lost(column, value, exp.NEQ(this=midnight, expression=time))
    )


def _to_duration(column: exp.Expr, stored: str, dtype: DType) -> Conversion | None:
    """An interval as microseconds; one of months or years has no length."""
    if stored != "INTERVAL":
        return None
    months = build.func("datepart", build.text("month"), column.copy())
    years = build.func("datepart", build.text("year"), column.copy())
    fixed = exp.And(
        this=exp.EQ(this=months, expression=build.number(0)),
        expression=exp.EQ(this=years, expression=build.number(0)),
    )
    value = build.case(fixed, build.epoch_us(column.copy()))
    return Conversion(value=value, misfit=_lost(column, value))


def _to_list(column: exp.Expr, stored: str, dtype: DType) -> Conversion | str | None:
    return convert_list(column, stored, dtype, convert)


def _to_map(column: exp.Expr, stored: str, dtype: DType) -> Conversion | str | None:
    return convert_map(column, stored, dtype, convert)


_Converter = Callable[[exp.Expr, str, DType], Conversion | str | None]
_CONVERTERS: dict[Kind, _Converter] = {
    Kind.INT: _to_int,
    Kind.FLOAT: _to_float,
    Kind.DECIMAL: _to_decimal,
    Kind.TEXT: _to_text,
    Kind.BOOL: _to_bool,
    Kind.TIMESTAMP: _to_timestamp,
    Kind.DATE: _to_date,
    Kind.DURATION: _to_duration,
    Kind.LIST: _to_list,
    Kind.MAP: _to_map,
}
HOLDS = frozenset(_CONVERTERS) - {Kind.DURATION}
"""What sources may hold; lengths of time arrive with rows that are handed in."""
