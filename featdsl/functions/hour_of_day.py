"""``hour_of_day(x)``."""

from __future__ import annotations

from datetime import datetime

from sqlglot import exp

from featdsl.functions.spec import Example, Function, Inputs
from featdsl.sql import build
from featdsl.sql.zone import wall_time
from featdsl.types.dtype import INT, TIMESTAMP
from featdsl.types.signature import TIMESTAMPS, Parameter


def _lower(inputs: Inputs) -> exp.Expr:
    clock = wall_time(inputs.arg(), inputs.dtypes[0], inputs.timezone)
    return build.func("hour", clock)


FUNCTION = Function(
    name="hour_of_day",
    meaning="Hour that clocks show in the project's time zone at x: 0 … 23.",
    parameters=(Parameter(name="x", accepts=TIMESTAMPS),),
    returns=lambda _: INT,
    lower=_lower,
    words="hour of the day of {0}",
    examples=(
        Example(args=(datetime(2024, 3, 3, 23, 59),), result=23, dtypes=(TIMESTAMP,)),
        Example(args=(datetime(1969, 12, 31, 0, 30),), result=0, dtypes=(TIMESTAMP,)),
        Example(
            args=(datetime(2024, 3, 3, 20),),
            result=1,
            dtypes=(TIMESTAMP,),
            timezone="Asia/Kolkata",
        ),
        Example(args=(None,), result=None, dtypes=(TIMESTAMP,)),
    ),
)
