"""Text that a spreadsheet would take for a formula."""

from __future__ import annotations

from sqlglot import exp

from featdsl.sql import build

STARTS = "=+-@\t\r"
"""A cell that begins with one of these is run by spreadsheets."""


def guarded(text: str) -> str:
    """The text, with an apostrophe in front where a spreadsheet would run it."""
    return f"'{text}" if text.startswith(tuple(STARTS)) else text


def guarded_sql(value: exp.Expr) -> exp.Expr:
    """SQL of the same for a text column."""
    first = build.func("left", value.copy(), build.number(1))
    risky = exp.In(this=first, expressions=[build.text(c) for c in STARTS])
    prefixed = build.func("concat", build.text("'"), value.copy())
    return build.case(risky, prefixed, value.copy())
