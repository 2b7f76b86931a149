"""``last(x)``."""

from __future__ import annotations

from sqlglot import exp

from featdsl.aggregates.partials import order_of, picked
from featdsl.aggregates.spec import Aggregate, Example, Inputs
from featdsl.sql import build
from featdsl.types.dtype import INT
from featdsl.types.signature import ORDERED, Parameter


def _lower(inputs: Inputs) -> exp.Expr:
    assert inputs.order is not None
    # arg_max leaves rows out where the argument is null: the newest value that is known.
    return inputs.filtered(build.func("arg_max", inputs.arg(), inputs.order.copy()))


AGGREGATE = Aggregate(
    name="last",
    meaning="Newest non-null value, by time and then the source's tie-break; null for none.",
    parameters=(Parameter(name="x", accepts=ORDERED),),
    returns=lambda dtypes: dtypes[0],
    lower=_lower,
    ordered=True,
    stored=True,
    keeps_unit=True,
    partials=picked("arg_max", exp.Max, order_of),
    words="last {0}",
    examples=(
        Example(rows=((1,), (3,), (2,)), result=2, dtypes=(INT,)),
        Example(rows=((1,), (None,)), result=1, dtypes=(INT,)),
        Example(rows=((None,),), result=None, dtypes=(INT,)),
        Example(rows=(), result=None, dtypes=(INT,)),
    ),
)
