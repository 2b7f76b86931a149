"""Windows: which rows lie in one, by their time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from featdsl.ir.expr import AnyWindow, NextWindow
from featdsl.reference.calendar import moved, start_of
from featdsl.reference.values import instant
from featdsl.types.duration import Duration

_EPOCH: Final = datetime(1970, 1, 1)
_UNITS: Final = {"d": "day", "w": "week", "month": "month", "quarter": "quarter", "year": "year"}


def boundary(step: Duration, at: datetime, timezone: str) -> datetime:
    """The last boundary of a step before or at a time; parts of a day are counted in UTC."""
    if step.unit in _UNITS:
        return instant(start_of(_UNITS[step.unit], at, timezone))
    length = timedelta(microseconds=step.micros)
    return _EPOCH + (at - _EPOCH) // length * length


def holds(window: AnyWindow, time: datetime | None, at: datetime, timezone: str) -> bool:
    """Whether a row of a time lies in the window of an as-of time; its cap is not asked."""
    if time is None:
        return False
    if isinstance(window, NextWindow):
        return at <= time < moved(at, window.length)
    if window.aligned is not None:
        at = boundary(window.aligned, at, timezone)
    if window.since is not None:
        return instant(start_of(window.since, at, timezone)) <= time < at
    end = at if window.end is None else moved(at, window.end, -1)
    before = time < end or (window.end_closed and time == end)
    if window.start is None:
        return before
    start = moved(at, window.start, -1)
    return before and (time > start or (window.start_closed and time == start))
