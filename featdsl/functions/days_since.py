"""``days_since(x)``."""

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
    elapsed = exp.Sub(this=build.epoch_us(inputs.as_of.copy()), expression=build.epoch_us(then))
    return build.floor_divide_positive(elapsed, _DAY_US)


FUNCTION = Function(
    name="days_since",
    meaning=(
        "Whole 24-hour periods from x to the as-of time, floored: negative for the future. A "
        "date is its midnight in UTC."
    ),
    parameters=(Parameter(name="x", accepts=TIMES),),
    returns=lambda _: INT,
    lower=_lower,
    reads_as_of=True,
    words="whole days from {0} to the as-of time",
    examples=(
        Example(args=(datetime(2024, 2, 28, 12),), result=2, dtypes=(TIMESTAMP,)),
        Example(args=(datetime(2024, 2, 28, 13),), result=1, dtypes=(TIMESTAMP,)),
        Example(args=(datetime(2024, 3, 1, 13),), result=-1, dtypes=(TIMESTAMP,)),
        Example(args=(datetime(1969, 12, 31, 13),), result=19_783, dtypes=(TIMESTAMP,)),
        Example(args=(date(2024, 3, 1),), result=0, dtypes=(DATE,)),
        Example(args=(None,), result=None, dtypes=(TIMESTAMP,)),
    ),
)
