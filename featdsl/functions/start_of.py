"""``start_of("month", x)``, and what ``date_trunc`` shares with it."""

from __future__ import annotations

from datetime import date, datetime

from sqlglot import exp

from featdsl.functions.spec import Example, Function, Inputs
from featdsl.sql.zone import UNITS, start_of
from featdsl.types.dtype import DATE, TEXT, TIMESTAMP
from featdsl.types.signature import TEXTS, TIMES, Parameter


def lower_start_of(inputs: Inputs) -> exp.Expr:
    return start_of(inputs.text(0), inputs.arg(1), inputs.dtypes[1], inputs.timezone)


def _wrong(unit: str) -> str | None:
    return None if unit in UNITS else f"`{unit}` is not one of {', '.join(UNITS)}"


MEANING = (
    "First instant of the minute, hour, day, week, month, quarter or year that x lies in. Weeks "
    "begin on Monday. Days and longer units begin at midnight in the project's time zone (at the "
    "first instant after it where clocks skip midnight, at the first midnight where they show it "
    "twice); minutes and hours are those of UTC. Of a date, a date: the first day of the unit."
)
PARAMETERS = (
    Parameter(name="unit", accepts=TEXTS, constant=True, valid=_wrong),
    Parameter(name="x", accepts=TIMES),
)


def _from(unit: str, x: datetime, start: datetime, timezone: str = "UTC") -> Example:
    return Example(args=(unit, x), result=start, dtypes=(TEXT, TIMESTAMP), timezone=timezone)


EXAMPLES = (
    _from("minute", datetime(2024, 5, 15, 10, 30, 59), datetime(2024, 5, 15, 10, 30)),
    _from("hour", datetime(1969, 12, 31, 23, 59, 59), datetime(1969, 12, 31, 23)),
    _from("day", datetime(1969, 12, 31, 23, 59, 59), datetime(1969, 12, 31)),
    _from("week", datetime(2024, 3, 3, 23), datetime(2024, 2, 26)),
    _from("month", datetime(2024, 2, 29), datetime(2024, 2, 1)),
    _from("quarter", datetime(2024, 6, 30), datetime(2024, 4, 1)),
    _from("year", datetime(2024, 12, 31, 23), datetime(2024, 1, 1)),
    _from("hour", datetime(2024, 1, 1, 10, 45), datetime(2024, 1, 1, 10), "Asia/Kolkata"),
    _from("day", datetime(2024, 1, 1, 20), datetime(2024, 1, 1, 18, 30), "Asia/Kolkata"),
    _from("month", datetime(2024, 1, 31, 20), datetime(2024, 1, 31, 18, 30), "Asia/Kolkata"),
    # Clocks go from 23:59 to 01:00, and an hour back from 01:00.
    _from("day", datetime(2023, 4, 28, 9), datetime(2023, 4, 27, 22), "Africa/Cairo"),
    _from("day", datetime(2023, 11, 5, 4, 30), datetime(2023, 11, 5, 4), "America/Havana"),
    Example(args=("week", date(2024, 3, 3)), result=date(2024, 2, 26), dtypes=(TEXT, DATE)),
    Example(args=("hour", date(2024, 3, 3)), result=date(2024, 3, 3), dtypes=(TEXT, DATE)),
    Example(args=("day", None), result=None, dtypes=(TEXT, TIMESTAMP)),
)

FUNCTION = Function(
    name="start_of",
    meaning=MEANING,
    parameters=PARAMETERS,
    returns=lambda dtypes: dtypes[1],
    lower=lower_start_of,
    words="start of the {0} of {1}",
    examples=EXAMPLES,
)
