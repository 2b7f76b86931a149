"""What aggregates that give lists and maps share: order, the newest n, how much they may hold."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from featdsl.aggregates.spec import Inputs
from featdsl.sql import build

MOST = 1_000
"""Entries of a list or a map, unless the call says how many."""
_MOST_ASKED = 100_000

TOO_MANY = "featc: too many entries"
"""How the engine's error begins where a list or a map would hold more than it may."""


def valid_size(n: int) -> str | None:
    """What is wrong with a number of entries that a call asks for."""
    if n < 1:
        return f"{n} is less than one entry"
    return None if n <= _MOST_ASKED else f"{n} is more than {_MOST_ASKED:,} entries"


def no_longer_than(values: exp.Expr, size: exp.Expr, name: str, most: int = MOST) -> exp.Expr:
    """The values; an error where there are more than they may be, never fewer in silence."""
    told = f"{TOO_MANY}: `{name}` holds at most {most:,}"
    return build.case(
        exp.GT(this=size, expression=build.number(most)),
        build.func("error", build.text(told)),
        values,
    )


def oldest_first(inputs: Inputs, value: exp.Expr, known: Inputs) -> exp.Expr:
    """``list(value ORDER BY …)`` of the rows that `known` counts."""
    assert inputs.order is not None
    ordered = exp.Order(this=value, expressions=[exp.Ordered(this=inputs.order.copy())])
    return known.filtered(build.func("list", ordered))


def last_items(values: exp.Expr, n: exp.Expr) -> exp.Expr:
    """The last n items of a list, all where there are fewer."""
    return build.func("list_slice", values, exp.Neg(this=n), build.number(-1))


def entries_sorted(counts: exp.Expr, entry: Callable[[exp.Expr, exp.Expr], exp.Expr]) -> exp.Expr:
    """A sorted list of what is made of each key and number of a map of counts."""
    key = exp.Dot(this=build.it("e"), expression=build.ident("key"))
    number = exp.Dot(this=build.it("e"), expression=build.ident("value"))
    whole = exp.cast(number, exp.DataType.Type.BIGINT)
    listed = build.func("map_entries", counts)
    return build.func("list_sort", build.for_each("list_transform", listed, "e", entry(key, whole)))


def field(row: exp.Expr, i: int) -> exp.Expr:
    """The i-th value (from 1) of a row."""
    return build.func("struct_extract_at", row, build.number(i))
