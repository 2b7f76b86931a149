"""``days_between(a, b)``."""

from __future__ import annotations

from datetime import date, datetime

from sqlglot import exp

from featdsl.functions.spec import Example, Function, Inputs
from featdsl.sql import build
from featdsl.types.dtype import DATE, INT, TIMESTAMP
from featdsl.types.signature import TIMES, Parameter

_DAY_US = 86_400_000_000


def _lower(inputs: Inputs) -> exp.Expr:
    a, b = (build.epoch_us(exp.cast(inputs.arg(i), exp.DataType.Type.TIMESTAMP)) for i in range(2))
    return build.floor_divide_positive(exp.Sub(this=b, expression=a), _DAY_US)


FUNCTION = Function(
    name="days_between",
    meaning=(
        "Whole 24-hour periods from a to b, floored: negative where b is before a. A date is its "
        "midnight in UTC."
    ),
    parameters=(Parameter(name="a", accepts=TIMES), Parameter(name="b", accepts=TIMES)),
    returns=lambda _: INT,
    lower=_lower,
    words="whole days from {0} to {1}",
    examples=(
        Example(
            args=(datetime(2024, 1, 1, 23), datetime(2024, 1, 2, 22, 59)),
            result=0,
            dtypes=(TIMESTAMP, TIMESTAMP),
        ),
        Example(
            args=(datetime(2024, 1, 1, 23), datetime(2024, 1, 2, 23)),
            result=1,
            dtypes=(TIMESTAMP, TIMESTAMP),
        ),
        Example(
            args=(datetime(2024, 1, 2), datetime(2024, 1, 1, 23)),
            result=-1,
            dtypes=(TIMESTAMP, TIMESTAMP),
        ),
        Example(
            args=(datetime(1969, 12, 31, 12), datetime(1970, 1, 2)),
            result=1,
            dtypes=(TIMESTAMP, TIMESTAMP),
        ),
        Example(args=(date(2024, 2, 28), date(2024, 3, 1)), result=2, dtypes=(DATE, DATE)),
        Example(
            args=(date(2024, 2, 28), datetime(2024, 2, 29, 12)),
            result=1,
            dtypes=(DATE, TIMESTAMP),
        ),
        Example(args=(None, datetime(2024, 1, 1)), result=None, dtypes=(TIMESTAMP, TIMESTAMP)),
        Example(args=(datetime(2024, 1, 1), None), result=None, dtypes=(TIMESTAMP, TIMESTAMP)),
    ),
)
