"""``day_of_week(x)``."""

from __future__ import annotations

from datetime import date, datetime

from sqlglot import exp

from featdsl.functions.spec import Example, Function, Inputs
from featdsl.sql import build
from featdsl.sql.zone import wall_date
from featdsl.types.dtype import DATE, INT, TIMESTAMP
from featdsl.types.signature import TIMES, Parameter


def _lower(inputs: Inputs) -> exp.Expr:
    day = wall_date(inputs.arg(), inputs.dtypes[0], inputs.timezone)
    return build.func("isodow", day)


FUNCTION = Function(
    name="day_of_week",
    meaning="Day of the week in the project's time zone: 1 Monday … 7 Sunday.",
    parameters=(Parameter(name="x", accepts=TIMES),),
    returns=lambda _: INT,
    lower=_lower,
    words="day of the week of {0}",
    examples=(
        Example(args=(datetime(2024, 3, 3, 23),), result=7, dtypes=(TIMESTAMP,)),
        Example(args=(datetime(2024, 3, 4),), result=1, dtypes=(TIMESTAMP,)),
        Example(
            args=(datetime(2024, 3, 3, 23),),
            result=1,
            dtypes=(TIMESTAMP,),
            timezone="Asia/Kolkata",
        ),
        Example(args=(datetime(1969, 12, 31, 23, 59, 59),), result=3, dtypes=(TIMESTAMP,)),
        Example(args=(date(2024, 3, 3),), result=7, dtypes=(DATE,), timezone="America/Lima"),
        Example(args=(None,), result=None, dtypes=(TIMESTAMP,)),
    ),
)
