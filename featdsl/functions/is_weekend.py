"""``is_weekend(x)``."""

from __future__ import annotations

from datetime import date, datetime

from sqlglot import exp

from featdsl.functions.spec import Example, Function, Inputs
from featdsl.sql import build
from featdsl.sql.zone import wall_date
from featdsl.types.dtype import BOOL, DATE, TIMESTAMP
from featdsl.types.signature import TIMES, Parameter


def _lower(inputs: Inputs) -> exp.Expr:
    day = wall_date(inputs.arg(), inputs.dtypes[0], inputs.timezone)
    return exp.GTE(this=build.func("isodow", day), expression=build.number(6))


FUNCTION = Function(
    name="is_weekend",
    meaning="Whether x lies on a Saturday or Sunday in the project's time zone.",
    parameters=(Parameter(name="x", accepts=TIMES),),
    returns=lambda _: BOOL,
    lower=_lower,
    words="{0} is on a weekend",
    examples=(
        Example(args=(datetime(2024, 3, 1, 23),), result=False, dtypes=(TIMESTAMP,)),
        Example(args=(datetime(2024, 3, 2),), result=True, dtypes=(TIMESTAMP,)),
        Example(args=(datetime(2024, 3, 3, 23),), result=True, dtypes=(TIMESTAMP,)),
        Example(
            args=(datetime(2024, 3, 3, 23),),
            result=False,
            dtypes=(TIMESTAMP,),
            timezone="Asia/Kolkata",
        ),
        Example(args=(date(2024, 3, 3),), result=True, dtypes=(DATE,)),
        Example(args=(None,), result=None, dtypes=(TIMESTAMP,)),
    ),
)
