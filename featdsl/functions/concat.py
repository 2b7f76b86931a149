"""``concat(x, …)``."""

from __future__ import annotations

from functools import reduce

from sqlglot import exp

from featdsl.functions.spec import Example, Function, Inputs
from featdsl.sql import build
from featdsl.types.dtype import TEXT
from featdsl.types.signature import TEXTS, Parameter


def _lower(inputs: Inputs) -> exp.Expr:
    # The operator, since the engine's `concat` looks past nulls.
    parts = [build.paren(a.copy()) for a in inputs.args]
    return reduce(lambda a, b: exp.DPipe(this=a, expression=b, safe=False), parts)


FUNCTION = Function(
    name="concat",
    meaning="The texts one after the other; null where any is null.",
    parameters=(Parameter(name="x", accepts=TEXTS, repeated=True),),
    returns=lambda _: TEXT,
    lower=_lower,
    examples=(
        Example(args=("a", "b", "c"), result="abc", dtypes=(TEXT, TEXT, TEXT)),
        Example(args=("a",), result="a", dtypes=(TEXT,)),
        Example(args=("a", ""), result="a", dtypes=(TEXT, TEXT)),
        Example(args=("a", None), result=None, dtypes=(TEXT, TEXT)),
        Example(args=(None, "a"), result=None, dtypes=(TEXT, TEXT)),
    ),
)
