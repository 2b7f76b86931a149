"""``approx_count_distinct(x)``."""

from __future__ import annotations

from sqlglot import exp

from featdsl.aggregates.spec import Aggregate, Example, Inputs
from featdsl.sql import build
from featdsl.types.dtype import INT, TEXT
from featdsl.types.signature import ORDERED, Parameter


def _lower(inputs: Inputs) -> exp.Expr:
    return build.func("approx_count_distinct", inputs.counted())


AGGREGATE = Aggregate(
    name="approx_count_distinct",
    meaning=(
        "Number of different non-null values, estimated (HyperLogLog); 0 for none. An int: the "
        "true number within the declared tolerance, which is the relative standard error for many "
        "values; a handful may be off by one."
    ),
    parameters=(Parameter(name="x", accepts=ORDERED),),
    returns=lambda _: INT,
    lower=_lower,
    empty=0,
    nullable=False,
    tolerance=0.05,
    partials="the engine does not give out the sketches that it counts with",
    words="estimated number of different values of {0}",
    examples=(
        Example(rows=((1,), (None,), (3,), (1,)), result=2, dtypes=(INT,)),
        Example(rows=(("a",), ("a",)), result=1, dtypes=(TEXT,)),
        Example(rows=((None,),), result=0, dtypes=(INT,)),
        Example(rows=(), result=0, dtypes=(INT,)),
    ),
)
