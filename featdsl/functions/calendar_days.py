"""``calendar_days(a, b)``."""

from __future__ import annotations

from datetime import date, datetime

from sqlglot import exp

from featdsl.functions.spec import Example, Function, Inputs
from featdsl.sql.build import func, text
from featdsl.sql.zone import wall_date
from featdsl.types.dtype import DATE, INT, TIMESTAMP
from featdsl.types.signature import TIMES, Parameter


def _lower(inputs: Inputs) -> exp.Expr:
    a, b = (wall_date(inputs.arg(i), inputs.dtypes[i], inputs.timezone) for i in range(2))
    return func("date_diff", text("day"), a, b)


FUNCTION = Function(
    name="calendar_days",
    meaning=(
        "Midnights between a and b in the project's time zone: the calendar day of b minus that "
        "of a, negative where b's is before. A date is its day in every zone."
    ),
    parameters=(Parameter(name="a", accepts=TIMES), Parameter(name="b", accepts=TIMES)),
    returns=lambda _: INT,
    lower=_lower,
    words="midnights from {0} to {1}",
    examples=(
        Example(
            args=(datetime(2024, 1, 1, 23, 59), datetime(2024, 1, 2)),
            result=1,
            dtypes=(TIMESTAMP, TIMESTAMP),
        ),
        Example(
            args=(datetime(2024, 1, 2), datetime(2024, 1, 1, 23, 59)),
            result=-1,
            dtypes=(TIMESTAMP, TIMESTAMP),
        ),
        Example(
            args=(datetime(2024, 1, 1, 18), datetime(2024, 1, 1, 19)),
            result=1,
            dtypes=(TIMESTAMP, TIMESTAMP),
            timezone="Asia/Kolkata",
        ),
        Example(
            args=(datetime(1969, 12, 31, 23), datetime(1970, 1, 1, 1)),
            result=1,
            dtypes=(TIMESTAMP, TIMESTAMP),
        ),
        Example(args=(date(2024, 2, 28), date(2024, 3, 1)), result=2, dtypes=(DATE, DATE)),
        Example(
            args=(date(2024, 1, 2), datetime(2024, 1, 1, 20)),
            result=0,
            dtypes=(DATE, TIMESTAMP),
            timezone="Asia/Kolkata",
        ),
        Example(args=(None, date(2024, 1, 1)), result=None, dtypes=(DATE, DATE)),
        Example(args=(date(2024, 1, 1), None), result=None, dtypes=(DATE, DATE)),
    ),
)
