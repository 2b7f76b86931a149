"""``entropy(x)``."""

from __future__ import annotations

import math

from sqlglot import exp

from featdsl.aggregates.partials import EACH_VALUE
from featdsl.aggregates.spec import Aggregate, Example, Inputs
from featdsl.sql import build
from featdsl.types.dtype import BOOL, FLOAT, INT, TEXT
from featdsl.types.signature import ORDERED, Parameter


def _lower(inputs: Inputs) -> exp.Expr:
    # The engine's entropy is in bits, and 0 for no rows.
    bits = build.func("entropy", inputs.counted())
    nats = exp.Mul(this=bits, expression=build.func("ln", build.number(2)))
    some = exp.GT(this=exp.Count(this=inputs.counted()), expression=build.number(0))
    return build.case(some, nats)


AGGREGATE = Aggregate(
    name="entropy",
    meaning=(
        "Shannon entropy of the non-null values, in nats: -sum(p * ln(p)) over the different "
        "values, where p is a value's share of the rows; 0 where all are alike, null for none."
    ),
    parameters=(Parameter(name="x", accepts=ORDERED),),
    returns=lambda _: FLOAT,
    lower=_lower,
    partials=EACH_VALUE,
    words="entropy of {0}",
    examples=(
        Example(rows=(("a",), ("b",), (None,)), result=math.log(2), dtypes=(TEXT,)),
        Example(
            rows=((1,), (2,), (1,), (1,)),
            result=-(0.75 * math.log(0.75) + 0.25 * math.log(0.25)),
            dtypes=(INT,),
        ),
        Example(rows=((True,), (True,)), result=0.0, dtypes=(BOOL,)),
        Example(rows=((None,),), result=None, dtypes=(TEXT,)),
        Example(rows=(), result=None, dtypes=(INT,)),
    ),
)
