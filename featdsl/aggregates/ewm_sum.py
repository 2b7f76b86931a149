"""``ewm_sum(x, half_life: 7d)``."""

from __future__ import annotations

from decimal import Decimal

from sqlglot import exp

from featdsl.aggregates.spec import Aggregate, Example, Inputs
from featdsl.sql import build
from featdsl.types.dtype import DURATION, FLOAT, INT, decimal
from featdsl.types.duration import Duration
from featdsl.types.signature import DURATIONS, NUMBERS, Parameter


def _lower(inputs: Inputs) -> exp.Expr:
    halvings = exp.Div(
        this=build.paren(inputs.micros_before_as_of()),
        expression=build.cast(inputs.arg(1), FLOAT),
        typed=False,
        safe=False,
    )
    weight = build.func("pow", build.cast(exp.Literal.number("0.5"), FLOAT), halvings)
    return build.finite(exp.Sum(this=exp.Mul(this=inputs.as_float(), expression=weight)))


def _wrong(half_life: Duration) -> str | None:
    if half_life.is_calendar:
        return f"{half_life} has no fixed length; days have, such as 30d"
    return None if half_life.micros > 0 else f"{half_life} is not longer than nothing"


AGGREGATE = Aggregate(
    name="ewm_sum",
    meaning=(
        "Sum of the non-null values, each halved for every half-life of its age: x * 0.5 ** ((t - "
        "time) / half_life), where t is the as-of time, in float64; null for none, and where it "
        "leaves the range of float64."
    ),
    parameters=(
        Parameter(name="x", accepts=NUMBERS),
        Parameter(name="half_life", accepts=DURATIONS, constant=True, valid=_wrong),
    ),
    returns=lambda _: FLOAT,
    lower=_lower,
    timed=True,
    keeps_unit=True,
    partials="a state holds for one as-of time: at another each row has another weight",
    words="sum of {0}, halved every {1}",
    examples=(
        Example(
            rows=((8,), (None,), (4,)),
            constants=(Duration(1, "h"),),
            result=3.0,
            dtypes=(INT, DURATION),
        ),
        Example(
            rows=((Decimal("1.50"),),),
            constants=(Duration(30, "min"),),
            result=0.375,
            dtypes=(decimal(12, 2), DURATION),
        ),
        Example(
            rows=((-1.0,), (1.0,)),
            constants=(Duration(2, "h"),),
            result=0.5**0.5 - 0.5,
            dtypes=(FLOAT, DURATION),
        ),
        Example(
            rows=((None,),),
            constants=(Duration(7, "d"),),
            result=None,
            dtypes=(FLOAT, DURATION),
        ),
        Example(rows=(), constants=(Duration(7, "d"),), result=None, dtypes=(INT, DURATION)),
    ),
)
