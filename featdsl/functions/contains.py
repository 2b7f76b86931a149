"""``contains(x, part)``."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sqlglot import exp

from featdsl.functions.spec import Example, Function, Inputs
from featdsl.sql import build
from featdsl.types.dtype import BOOL, INT, TEXT, DType, Kind, common, decimal, have_room, list_of
from featdsl.types.signature import LISTS, ORDERED, TEXTS, Parameter


def _wrong(dtypes: Sequence[DType]) -> str | None:
    x, part = dtypes
    if x.kind is Kind.LIST and not _compare(x.items[0], part):
        return f"it compares items of {x} with a value, this is {part}"
    if x.kind is Kind.TEXT and part.kind not in (Kind.TEXT, Kind.NULL):
        return f"it looks for text in text, this is {part}"
    return None


def _compare(item: DType, part: DType) -> bool:
    return common(item, part) is not None and have_room(item, part)


def _lower(inputs: Inputs) -> exp.Expr:
    x, part = inputs.dtypes
    if x.kind is not Kind.LIST:
        return build.func("contains", inputs.cast_to(TEXT, 0), inputs.cast_to(TEXT, 1))
    both = common(x.items[0], part)
    assert both is not None, "items and value compare"
    value = inputs.cast_to(both, 1)
    found = build.func("list_contains", inputs.cast_to(list_of(both), 0), value)
    if isinstance(value, exp.Literal):
        return found
    # Of a list without items DuckDB says false, whatever is looked for.
    return build.case(build.is_null(value.copy(), negated=True), found)


FUNCTION = Function(
    name="contains",
    meaning=(
        "Of a text whether the other text stands somewhere in it, by code points; the empty one "
        "stands in every text. Of a list whether an item equals the other value; a null item "
        "equals none."
    ),
    parameters=(
        Parameter(name="x", accepts=TEXTS | LISTS),
        Parameter(name="part", accepts=ORDERED),
    ),
    returns=lambda _: BOOL,
    lower=_lower,
    wrong=_wrong,
    words="{0} contains {1}",
    examples=(
        Example(args=("abc", "b"), result=True, dtypes=(TEXT, TEXT)),
        Example(args=("abc", "B"), result=False, dtypes=(TEXT, TEXT)),
        Example(args=("abc", "a.c"), result=False, dtypes=(TEXT, TEXT)),
        Example(args=("abc", ""), result=True, dtypes=(TEXT, TEXT)),
        Example(args=((1, None, 3), 3), result=True, dtypes=(list_of(INT), INT)),
        Example(args=((1, None), 3), result=False, dtypes=(list_of(INT), INT)),
        Example(args=((1, 2), Decimal("2.0")), result=True, dtypes=(list_of(INT), decimal(2, 1))),
        Example(args=((), "a"), result=False, dtypes=(list_of(TEXT), TEXT)),
        Example(args=(("a",), None), result=None, dtypes=(list_of(TEXT), TEXT)),
        Example(args=((), None), result=None, dtypes=(list_of(TEXT), TEXT)),
        Example(args=(None, "a"), result=None, dtypes=(TEXT, TEXT)),
        Example(args=("a", None), result=None, dtypes=(TEXT, TEXT)),
    ),
)
