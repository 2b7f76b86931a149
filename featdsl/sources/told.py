"""Types that columns of text are told to have, by their values: only what loses nothing.

A number that begins with a zero or a plus is a code or a telephone number: it stays text, as do
whole numbers that float64 would round.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from featdsl.sql import build
from featdsl.types.dtype import BOOL, DATE, FLOAT, INT, TEXT, TIMESTAMP, DType

_WHOLE = "(0|[1-9][0-9]*)"
_BOOL = "(?i)true|false"
_INT = f"-?{_WHOLE}"
_FLOAT = f"-?({_WHOLE}(\\.[0-9]*)?|\\.[0-9]+)([eE][+-]?[0-9]+)?"
_LONG = "-?[0-9]{16,}"
_DATE = "[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"


def _like(text: exp.Expr, pattern: str) -> exp.Expr:
    return build.func("regexp_full_match", text.copy(), build.text(pattern))


def _short(text: exp.Expr) -> exp.Expr:
    return exp.Not(this=_like(text, _LONG))


def told_of_text(column: exp.Expr) -> Mapping[DType, exp.Expr | None]:
    """Of a field: types, the first that fits is it; with what a value has to look like besides."""
    text = build.func("trim", column.copy())
    return {
        BOOL: _like(text, _BOOL),
        INT: _like(text, _INT),
        FLOAT: exp.And(this=_like(text, _FLOAT), expression=_short(text)),
        DATE: _like(text, _DATE),
        TIMESTAMP: None,
        TEXT: None,
    }


def told_of_json(column: exp.Expr) -> Mapping[DType, exp.Expr | None]:
    """Of a JSON value, which says itself whether it is text, a number or a bool."""
    text = build.func("json_extract_string", column.copy(), build.text("$"))
    return {
        BOOL: None,
        INT: None,
        FLOAT: _short(text),
        DATE: _like(text, _DATE),
        TIMESTAMP: None,
        TEXT: None,
    }
