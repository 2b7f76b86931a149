"""``hours_since(x)``."""

from __future__ import annotations

from datetime import date, datetime

from sqlglot import exp

from featdsl.functions.spec import Example, Function, Inputs
from featdsl.sql import build
from featdsl.types.dtype import DATE, INT, TIMESTAMP
from featdsl.types.signature import TIMES, Parameter

_HOUR_US = 3_600_000_000


def _lower(inputs: Inputs) -> exp.Expr:
    then = exp.cast(inputs.arg(), exp.DataType.Type.TIMESTAMP)
    elapsed = exp.Sub(this=build.epoch_us(inputs.as_of.copy()), expression=build.epoch_us(then))
    return build.floor_divide_positive(elapsed, _HOUR_US)


FUNCTION = Function(
    name="hours_since",
    meaning=(
        "Whole hours from x to the as-of time, floored: negative for the future. A date is its "
        "midnight in UTC."
    ),
    parameters=(Parameter(name="x", accepts=TIMES),),
    returns=lambda _: INT,
    lower=_lower,
    reads_as_of=True,
    words="whole hours from {0} to the as-of time",
    examples=(
        Example(args=(datetime(2024, 3, 1, 10, 30),), result=1, dtypes=(TIMESTAMP,)),
        Example(args=(datetime(2024, 3, 1, 10),), result=2, dtypes=(TIMESTAMP,)),
        Example(args=(datetime(2024, 3, 1, 12, 0, 0, 1),), result=-1, dtypes=(TIMESTAMP,)),
        Example(args=(datetime(1969, 12, 31, 23),), result=474_805, dtypes=(TIMESTAMP,)),
        Example(args=(date(2024, 3, 1),), result=12, dtypes=(DATE,)),
        Example(args=(None,), result=None, dtypes=(TIMESTAMP,)),
    ),
)
