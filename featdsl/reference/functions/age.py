"""``age(birth_date)``: full years from the day of birth to the day of the as-of time."""

from __future__ import annotations

from featdsl.reference.calendar import day_of
from featdsl.reference.functions.spec import FunctionTwin, Given


def _compute(given: Given) -> int:
    born = day_of(given.x, given.timezone)
    today = day_of(given.as_of, given.timezone)
    not_yet = (today.month, today.day) < (born.month, born.day)
    return today.year - born.year - not_yet


TWIN = FunctionTwin(compute=_compute)
