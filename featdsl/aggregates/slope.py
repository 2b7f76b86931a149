"""``slope(y)``."""

from __future__ import annotations

from decimal import Decimal

from sqlglot import exp

from featdsl.aggregates.partials import OWN_MEANS
from featdsl.aggregates.spec import Aggregate, Example, Inputs
from featdsl.sql import build
from featdsl.types.dtype import FLOAT, INT, decimal
from featdsl.types.signature import NUMBERS, Parameter

_DAY_US = 86_400_000_000


def _lower(inputs: Inputs) -> exp.Expr:
    # Against the time before t and not since 1970: large equal digits would take the place of
    # the ones that differ. That axis runs backwards, hence the sign.
    per_micro = build.func("regr_slope", inputs.as_float(), inputs.micros_before_as_of())
    days = build.cast(build.number(-_DAY_US), FLOAT)
    return build.finite(exp.Mul(this=per_micro, expression=days))


AGGREGATE = Aggregate(
    name="slope",
    meaning=(
        "Slope of the least-squares line of y over the row's time, in y per day of 24 hours: "
        "covariance of time and y over the variance of time, in float64, over rows where y is not "
        "null. Null for fewer than two distinct times, and where squares leave the range of "
        "float64."
    ),
    parameters=(Parameter(name="y", accepts=NUMBERS),),
    returns=lambda _: FLOAT,
    lower=_lower,
    timed=True,
    partials=OWN_MEANS,
    words="slope of {0} per day",
    examples=(
        Example(rows=((0,), (1,), (2,)), result=24.0, dtypes=(INT,)),
        Example(rows=((3,), (None,), (1,)), result=-24.0, dtypes=(INT,)),
        Example(rows=((1,), (1,)), result=0.0, dtypes=(INT,)),
        Example(rows=((0.0,), (0.0,), (3.0,)), result=36.0, dtypes=(FLOAT,)),
        Example(
            rows=((Decimal("0.10"),), (Decimal("0.20"),)), result=2.4, dtypes=(decimal(12, 2),)
        ),
        Example(rows=((5,),), result=None, dtypes=(INT,)),
        Example(rows=((None,),), result=None, dtypes=(FLOAT,)),
        Example(rows=(), result=None, dtypes=(INT,)),
    ),
)
