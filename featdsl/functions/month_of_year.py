"""``month_of_year(x)``."""

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
    return build.func("month", day)


FUNCTION = Function(
    name="month_of_year",
    meaning="Month of the calendar in the project's time zone: 1 … 12.",
    parameters=(Parameter(name="x", accepts=TIMES),),
    returns=lambda _: INT,
    lower=_lower,
    words="month of the year of {0}",
    examples=(
        Example(args=(datetime(2024, 1, 31, 23),), result=1, dtypes=(TIMESTAMP,)),
        Example(
            args=(datetime(2024, 1, 31, 23),),
            result=2,
            dtypes=(TIMESTAMP,),
            timezone="Asia/Kolkata",
        ),
        Example(args=(date(1969, 12, 31),), result=12, dtypes=(DATE,)),
        Example(args=(None,), result=None, dtypes=(TIMESTAMP,)),
    ),
)
