"""``replace(x, old, new)``."""

from __future__ import annotations

from sqlglot import exp

from featdsl.functions.spec import Example, Function, Inputs
from featdsl.sql import build
from featdsl.types.dtype import TEXT
from featdsl.types.signature import TEXTS, Parameter


def _lower(inputs: Inputs) -> exp.Expr:
    return build.func("replace", *(a.copy() for a in inputs.args))


FUNCTION = Function(
    name="replace",
    meaning=(
        "x with every occurrence of `old`, from left to right and not overlapping, replaced by "
        "`new`; an empty `old` occurs nowhere."
    ),
    parameters=(
        Parameter(name="x", accepts=TEXTS),
        Parameter(name="old", accepts=TEXTS),
        Parameter(name="new", accepts=TEXTS),
    ),
    returns=lambda _: TEXT,
    lower=_lower,
    words="{0} with {2} for {1}",
    examples=(
        Example(args=("a-b-c", "-", "+"), result="a+b+c", dtypes=(TEXT, TEXT, TEXT)),
        Example(args=("aaa", "aa", "b"), result="ba", dtypes=(TEXT, TEXT, TEXT)),
        Example(args=("a.b", ".", ""), result="ab", dtypes=(TEXT, TEXT, TEXT)),
        Example(args=("abc", "", "x"), result="abc", dtypes=(TEXT, TEXT, TEXT)),
        Example(args=(None, "a", "b"), result=None, dtypes=(TEXT, TEXT, TEXT)),
        Example(args=("abc", None, "b"), result=None, dtypes=(TEXT, TEXT, TEXT)),
        Example(args=("abc", "a", None), result=None, dtypes=(TEXT, TEXT, TEXT)),
    ),
)
