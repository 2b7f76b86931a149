"""``days_until(x)``."""

from __future__ import annotations

from datetime import date, datetime

from sqlglot import exp

from featdsl.functions.spec import Example, Function, Inputs
from featdsl.sql import build
from featdsl.types.dtype import DATE, INT, TIMESTAMP
from featdsl.types.signature import TIMES, Parameter

_DAY_US = 86_400_000_000


def _lower(inputs: Inputs) -> exp.Expr:
    then = exp.cast(inputs.arg(), exp.DataType.Type.TIMESTAMP)
    left = exp.Sub(this=build.epoch_us(then), expression=build.epoch_us(inputs.as_of.copy()))
    return build.floor_divide_positive(left, _DAY_US)


FUNCTION = Function(
    name="days_until",
    meaning=(
        "Whole 24-hour periods from the as-of time to x, floored: negative for the past. A date "
        "is its midnight in UTC."
    ),
    parameters=(Parameter(name="x", accepts=TIMES),),
    returns=lambda _: INT,
    lower=_lower,
    reads_as_of=True,
    words="whole days from the as-of time to {0}",
    examples=(
        Example(args=(datetime(2024, 3, 3, 12),), result=2, dtypes=(TIMESTAMP,)),
        Example(args=(datetime(2024, 3, 3, 11),), result=1, dtypes=(TIMESTAMP,)),
        Example(args=(datetime(2024, 3, 1, 11),), result=-1, dtypes=(TIMESTAMP,)),
        Example(args=(date(2024, 3, 2),), result=0, dtypes=(DATE,)),
        Example(args=(None,), result=None, dtypes=(TIMESTAMP,)),
    ),
)
