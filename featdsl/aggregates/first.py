"""``first(x)``."""

from __future__ import annotations

from sqlglot import exp

from featdsl.aggregates.partials import order_of, picked
from featdsl.aggregates.spec import Aggregate, Example, Inputs
from featdsl.sql import build
from featdsl.types.dtype import INT, TEXT
from featdsl.types.signature import ORDERED, Parameter


def _lower(inputs: Inputs) -> exp.Expr:
    assert inputs.order is not None
    # arg_min leaves rows out where the argument is null: the oldest value that is known.
    return inputs.filtered(build.func("arg_min", inputs.arg(), inputs.order.copy()))


AGGREGATE = Aggregate(
    name="first",
    meaning="Oldest non-null value, by time and then the source's tie-break; null for none.",
    parameters=(Parameter(name="x", accepts=ORDERED),),
    returns=lambda dtypes: dtypes[0],
    lower=_lower,
    ordered=True,
    stored=True,
    keeps_unit=True,
    partials=picked("arg_min", exp.Min, order_of),
    words="first {0}",
    examples=(
        Example(rows=((3,), (1,), (2,)), result=3, dtypes=(INT,)),
        Example(rows=((None,), ("b",), ("a",)), result="b", dtypes=(TEXT,)),
        Example(rows=((None,),), result=None, dtypes=(INT,)),
        Example(rows=(), result=None, dtypes=(INT,)),
    ),
)
