"""``median(x)``."""

from __future__ import annotations

from decimal import Decimal

from sqlglot import exp

from featdsl.aggregates.quantile import lower_quantile, quantile_type
from featdsl.aggregates.spec import Aggregate, Example, Inputs
from featdsl.types.dtype import DURATION, FLOAT, INT, decimal
from featdsl.types.duration import Duration
from featdsl.types.signature import DURATIONS, NUMBERS, Parameter


def _lower(inputs: Inputs) -> exp.Expr:
    return lower_quantile(inputs, exp.Literal.number("0.5"))


AGGREGATE = Aggregate(
    name="median",
    meaning=(
        "Middle of the non-null values in order, in float64; of an even number the mean of the "
        "two in the middle; null for none. Of durations a duration, rounded to a microsecond, "
        "half away from zero."
    ),
    parameters=(Parameter(name="x", accepts=NUMBERS | DURATIONS),),
    returns=quantile_type,
    lower=_lower,
    keeps_unit=True,
    partials="it needs every value: a state would be as large as the rows",
    words="median of {0}",
    stored=True,
    examples=(
        Example(rows=((9,), (1,), (None,), (2,)), result=2.0, dtypes=(INT,)),
        Example(rows=((1,), (2,)), result=1.5, dtypes=(INT,)),
        Example(
            rows=((Decimal("0.01"),), (Decimal("0.02"),)), result=0.015, dtypes=(decimal(12, 2),)
        ),
        Example(
            rows=((Duration(1, "s"),), (Duration(2, "s"),)),
            result=Duration(1500, "ms"),
            dtypes=(DURATION,),
        ),
        Example(rows=((-1.5,),), result=-1.5, dtypes=(FLOAT,)),
        Example(rows=((None,),), result=None, dtypes=(INT,)),
        Example(rows=(), result=None, dtypes=(FLOAT,)),
    ),
)
