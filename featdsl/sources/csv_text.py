"""From the text in a CSV field to the declared type: strict, so that nothing is guessed.

Spaces round a value do not count (they do in text); a field that is empty is null. Ints are
digits with a sign, decimals digits with a point and no more places than declared (further
zeros do no harm), dates and times begin with the year: ``2024-01-03``, ``2024-01-03 10:00:00``,
also with a zone. True is ``true t yes y 1``, false ``false f no n 0``, in any case. A length of
time, which only rows that are handed in may hold, is a number and its unit: ``90min``.
"""

from __future__ import annotations

from sqlglot import exp

from featdsl.sources.spec import Conversion
from featdsl.sql import build
from featdsl.types.dtype import DType, Kind
from featdsl.types.duration import FIXED_MICROS

_BOOL = "(?i)true|false|t|f|yes|no|y|n|1|0"
_INT = "[+-]?[0-9]+"
_DAY = "[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
_DATE = _DAY + "([ T]0?0:00(:00(\\.0+)?)?Z?)?"
_TIMESTAMP = _DAY + "([ T].*)?"
_LENGTH = f"([+-]?[0-9]{{1,18}})({'|'.join(FIXED_MICROS)})"
HOLDS = frozenset(
    {Kind.BOOL, Kind.INT, Kind.FLOAT, Kind.DECIMAL, Kind.TEXT, Kind.DATE, Kind.TIMESTAMP}
)


def _pattern(dtype: DType) -> str | None:
    match dtype.kind:
        case Kind.BOOL:
            return _BOOL
        case Kind.INT:
            return _INT
        case Kind.DECIMAL:
            places = f"(\\.[0-9]{{0,{dtype.scale}}}0*)?"
            return f"[+-]?([0-9]+{places}|\\.[0-9]{{1,{max(dtype.scale, 1)}}}0*)"
        case Kind.DATE:
            return _DATE
        case Kind.TIMESTAMP:
            return _TIMESTAMP
        case Kind.DURATION:
            return _LENGTH
        case _:
            return None


def convert(column: exp.Expr, stored: str, dtype: DType) -> Conversion | str:
    """SQL that reads a field's text as `dtype`; or, in words, why there is none."""
    if dtype.kind is Kind.TEXT:
        return Conversion(value=column.copy())
    if dtype.kind not in HOLDS and dtype.kind is not Kind.DURATION:
        return "it holds text"
    trimmed = exp.Nullif(this=build.func("trim", column.copy()), expression=build.text(""))
    parsed = _parse(_matching(trimmed, _pattern(dtype)), dtype)
    misfit = exp.And(
        this=build.is_null(trimmed.copy(), negated=True), expression=build.is_null(parsed.copy())
    )
    value = build.finite(parsed) if dtype.kind is Kind.FLOAT else parsed
    return Conversion(value=value, misfit=misfit)


def _matching(value: exp.Expr, pattern: str | None) -> exp.Expr:
    if pattern is None:
        return value
    matches = build.func("regexp_full_match", value.copy(), build.text(pattern))
    return build.case(matches, value)


def _parse(value: exp.Expr, dtype: DType) -> exp.Expr:
    if dtype.kind is Kind.TIMESTAMP:
        # The zoned type understands offsets; without one a time is the session's, which is UTC.
        zoned = exp.TryCast(this=value, to=exp.DataType(this=exp.DataType.Type.TIMESTAMPTZ))
        return exp.cast(zoned, exp.DataType.Type.TIMESTAMP)
    if dtype.kind is Kind.DURATION:
        return _micros(value, dtype)
    return build.cast(value, dtype, safe=True)


def _micros(value: exp.Expr, dtype: DType) -> exp.Expr:
    """The length of an amount of a unit; null where it does not fit."""
    amount, unit = (_part(value, n) for n in (1, 2))
    found = [
        exp.If(
            this=exp.EQ(this=unit.copy(), expression=build.text(name)), true=build.number(micros)
        )
        for name, micros in FIXED_MICROS.items()
    ]
    number = exp.cast(amount, exp.DataType.Type.INT128)
    whole = exp.Mul(this=number, expression=exp.Case(ifs=found))
    return build.cast(whole, dtype, safe=True)


def length_text(micros: exp.Expr) -> exp.Expr:
    """A length that was read here as text again, in the largest unit that it is a whole of."""
    ifs = []
    for name, length in sorted(FIXED_MICROS.items(), key=lambda unit: -unit[1]):
        rest = exp.Mod(this=micros.copy(), expression=build.number(length))
        amount = exp.IntDiv(this=micros.copy(), expression=build.number(length))
        whole = exp.EQ(this=rest, expression=build.number(0))
        text = exp.cast(amount, exp.DataType.Type.VARCHAR)
        joined = exp.DPipe(this=text, expression=build.text(name), safe=False)
        ifs.append(exp.If(this=whole, true=joined))
    return exp.Case(ifs=ifs)


def _part(value: exp.Expr, group: int) -> exp.Expr:
    """A part of a length; null of what is none, where the engine gives an empty text."""
    found = build.func("regexp_extract", value.copy(), build.text(_LENGTH), build.number(group))
    return exp.Nullif(this=found, expression=build.text(""))
