"""``age(birth_date)``."""

from __future__ import annotations

from datetime import date, datetime

from sqlglot import exp

from featdsl.functions.spec import Example, Function, Inputs
from featdsl.sql import build
from featdsl.sql.zone import wall_date
from featdsl.types.dtype import DATE, INT, TIMESTAMP
from featdsl.types.signature import TIMES, Parameter


def _lower(inputs: Inputs) -> exp.Expr:
    birth = wall_date(inputs.arg(), inputs.dtypes[0], inputs.timezone)
    today = wall_date(inputs.as_of.copy(), TIMESTAMP, inputs.timezone)
    years = exp.Sub(
        this=build.func("year", today.copy()), expression=build.func("year", birth.copy())
    )
    early = exp.LT(this=_day_of_year(today), expression=_day_of_year(birth))
    return exp.Sub(this=years, expression=build.case(early, build.number(1), build.number(0)))


def _day_of_year(day: exp.Expr) -> exp.Expr:
    """Month and day as one number that orders them."""
    months = exp.Mul(this=build.func("month", day.copy()), expression=build.number(100))
    return exp.Add(this=months, expression=build.func("day", day))


FUNCTION = Function(
    name="age",
    meaning=(
        "Full years from the day of birth to the day of the as-of time, both in the project's "
        "time zone: the difference of the years, less one where month and day of birth come later "
        "in the year (born on 29 February: on 1 March in other years). Negative before birth."
    ),
    parameters=(Parameter(name="birth_date", accepts=TIMES),),
    returns=lambda _: INT,
    lower=_lower,
    reads_as_of=True,
    words="full years from {0} to the as-of time",
    examples=(
        Example(args=(date(2000, 3, 1),), result=24, dtypes=(DATE,)),
        Example(args=(date(2000, 3, 2),), result=23, dtypes=(DATE,)),
        Example(args=(date(2000, 2, 29),), result=24, dtypes=(DATE,)),
        Example(args=(date(1950, 12, 31),), result=73, dtypes=(DATE,)),
        Example(args=(date(2024, 3, 2),), result=-1, dtypes=(DATE,)),
        Example(args=(datetime(2000, 3, 1, 23),), result=24, dtypes=(TIMESTAMP,)),
        Example(
            args=(datetime(2000, 3, 1, 23),),
            result=23,
            dtypes=(TIMESTAMP,),
            timezone="Asia/Kolkata",
        ),
        Example(args=(None,), result=None, dtypes=(DATE,)),
    ),
)
