"""``count_distinct(x)``."""

from __future__ import annotations

from sqlglot import exp

from featdsl.aggregates.partials import EACH_VALUE
from featdsl.aggregates.spec import Aggregate, Example, Inputs
from featdsl.types.dtype import FLOAT, INT, TEXT
from featdsl.types.signature import ANYTHING, Parameter


def _lower(inputs: Inputs) -> exp.Expr:
    return exp.Count(this=exp.Distinct(expressions=[inputs.counted()]))


AGGREGATE = Aggregate(
    name="count_distinct",
    meaning="Number of different non-null values, exact; 0 for none. 0.0 and -0.0 are one value.",
    parameters=(Parameter(name="x", accepts=ANYTHING),),
    returns=lambda _: INT,
    lower=_lower,
    empty=0,
    nullable=False,
    partials=EACH_VALUE,
    words="number of different values of {0}",
    examples=(
        Example(rows=((1,), (None,), (3,), (1,)), result=2, dtypes=(INT,)),
        Example(rows=(("a",), ("A",), ("a",)), result=2, dtypes=(TEXT,)),
        Example(rows=((0.0,), (-0.0,)), result=1, dtypes=(FLOAT,)),
        Example(rows=((None,),), result=0, dtypes=(INT,)),
        Example(rows=(), result=0, dtypes=(INT,)),
    ),
)
