"""``exists(where p)``."""

from __future__ import annotations

from sqlglot import exp

from featdsl.aggregates.partials import counts, rows, some
from featdsl.aggregates.spec import Aggregate, Example, Inputs
from featdsl.sql import build
from featdsl.types.dtype import BOOL


def _lower(inputs: Inputs) -> exp.Expr:
    return exp.GT(this=exp.Count(this=inputs.one()), expression=build.number(0))


AGGREGATE = Aggregate(
    name="exists",
    meaning=(
        "True where there is at least one row, else false; `exists(where p)`: one for which p is "
        "true. Never null."
    ),
    parameters=(),
    returns=lambda _: BOOL,
    lower=_lower,
    empty=False,
    nullable=False,
    partials=counts(some, n=rows),
    words="whether there is a row",
    examples=(
        Example(rows=((),), result=True, dtypes=()),
        Example(rows=((), ()), result=True, dtypes=()),
        Example(rows=(), result=False, dtypes=()),
    ),
)
