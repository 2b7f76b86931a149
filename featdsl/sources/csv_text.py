"""From the text in a CSV field to the declared type: strict, so that nothing is guessed.

Spaces round a value do not count (they do in text); a field that is empty is null. Ints are
digits with a sign, decimals digits with a point and no more places than declared (further
zeros do no harm), dates and times begin with the year: ``2024-01-03``, ``2024-01-03 10:00:00``,
also with a zone. True is ``true t yes y 1``, false ``false f no n 0``, in any case.
"""

from __future__ import annotations

from sqlglot import exp

from featdsl.sources.spec import Conversion
from featdsl.sql import build
from featdsl.types.dtype import DType, Kind

_BOOL = "(?i)true|false|t|f|yes|no|y|n|1|0"
_INT = "[+-]?[0-9]+"
_DAY = "[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
_DATE = _DAY + "([ T]0?0:00(:00(\\.0+)?)?Z?)?"
_TIMESTAMP = _DAY + "([ T].*)?"
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
        case _:
            return None


def convert(column: exp.Expr, stored: str, dtype: DType) -> Conversion | str:
    """SQL that reads a field's text as `dtype`; or, in words, why there is none."""
    if dtype.kind is Kind.TEXT:
        return Conversion(value=column.copy())
    if dtype.kind not in HOLDS:
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
    return build.cast(value, dtype, safe=True)
