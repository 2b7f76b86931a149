"""``split(x, separator)``."""

from __future__ import annotations

from sqlglot import exp

from featdsl.functions.spec import Example, Function, Inputs
from featdsl.sql import build
from featdsl.types.dtype import TEXT, list_of
from featdsl.types.signature import TEXTS, Parameter


def _lower(inputs: Inputs) -> exp.Expr:
    x, separator = inputs.cast_to(TEXT, 0), inputs.cast_to(TEXT, 1)
    parts = build.func("string_split", x, separator)
    # Of an empty separator the engine would make a part of each character.
    whole = build.case(build.is_null(x.copy(), negated=True), exp.Array(expressions=[x.copy()]))
    empty = exp.EQ(this=separator.copy(), expression=build.text(""))
    # Of a null separator it would make one part.
    known = build.case(build.is_null(separator.copy(), negated=True), parts)
    return build.case(empty, whole, known)


FUNCTION = Function(
    name="split",
    meaning=(
        "List of the parts of x between the separators, from left to right, empty ones too: one "
        "more than there are separators, which do not overlap; an empty separator parts nothing."
    ),
    parameters=(
        Parameter(name="x", accepts=TEXTS),
        Parameter(name="separator", accepts=TEXTS),
    ),
    returns=lambda _: list_of(TEXT),
    lower=_lower,
    words="parts of {0} between {1}",
    examples=(
        Example(args=("a-b-", "-"), result=("a", "b", ""), dtypes=(TEXT, TEXT)),
        Example(args=("a", "-"), result=("a",), dtypes=(TEXT, TEXT)),
        Example(args=("", "-"), result=("",), dtypes=(TEXT, TEXT)),
        Example(args=("a--b", "--"), result=("a", "b"), dtypes=(TEXT, TEXT)),
        Example(args=("aaa", "aa"), result=("", "a"), dtypes=(TEXT, TEXT)),
        Example(args=("ab", ""), result=("ab",), dtypes=(TEXT, TEXT)),
        Example(args=(None, "-"), result=None, dtypes=(TEXT, TEXT)),
        Example(args=("a", None), result=None, dtypes=(TEXT, TEXT)),
    ),
)
