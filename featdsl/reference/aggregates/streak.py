"""``streak(p)``, ``streak(time, step: 1d)``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from itertools import takewhile

from featdsl.reference.aggregates.spec import AggregateTwin, Given
from featdsl.reference.calendar import day_of, start_of_day
from featdsl.reference.values import Value, instant
from featdsl.types.duration import Duration
from featdsl.types.step import calendar_unit

Step = Callable[[date], date]


def steps(given: Given) -> tuple[Step, Step]:
    """Where the step of a time begins, and where the step before one that begins so does."""
    step = given.constants[0]
    unit = calendar_unit(step) if isinstance(step, Duration) else _UNITS.get(step)
    if unit is not None:
        return (
            lambda time: start_of_day(unit, day_of(time, given.timezone)),
            lambda start: start_of_day(unit, start - timedelta(days=1)),
        )
    return lambda time: _begun(time, step), lambda start: start - step


_UNITS = {timedelta(days=1): "day", timedelta(days=7): "week"}


def _begun(time: date, step: timedelta) -> date:
    moment = instant(time)
    return moment - (moment - instant(date(1970, 1, 1))) % step


def length(starts: set[date], first: date, before: Step) -> int:
    """How many of the steps that begin at `first`, before it, before that, are there."""
    count = 0
    while first in starts:
        count, first = count + 1, before(first)
    return count


def _compute(given: Given) -> Value:
    if not given.constants:
        return len(list(takewhile(bool, reversed(given.values))))
    start, before = steps(given)
    now = start(given.as_of)
    starts = {s for s in map(start, given.values) if s <= now}
    if not starts:
        return None
    return length(starts, now if now in starts else before(now), before)


def runs(values: Iterable[bool]) -> Iterable[int]:
    """The lengths of the runs of true values."""
    size = 0
    for value in values:
        size = size + 1 if value else 0
        yield size


TWIN = AggregateTwin(compute=_compute)
