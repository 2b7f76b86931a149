"""Windows: which rows lie in one, by their time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from featdsl.ir.expr import AnyWindow, NextWindow
from featdsl.reference.calendar import moved, start_of
from featdsl.reference.values import instant
from featdsl.types.duration import Duration

EPOCH: Final = datetime(1970, 1, 1)
_OF_THE_ZONE: Final = {
    Duration(1, "d"): "day",
    Duration(1, "w"): "week",
    Duration(1, "month"): "month",
    Duration(1, "quarter"): "quarter",
    Duration(1, "year"): "year",
}


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time; without a start, from the beginning of time on."""

    start: datetime | None
    end: datetime
    start_closed: bool
    end_closed: bool

    def holds(self, time: datetime | None) -> bool:
        """Whether a row of this time lies in it; one without a time does not."""
        if time is None:
            return False
        after = (
            self.start is None or self.start < time or (self.start_closed and time == self.start)
        )
        return after and (time < self.end or (self.end_closed and time == self.end))


def stretch(window: AnyWindow, at: datetime, timezone: str) -> Stretch:
    """The stretch of time that a window is at an as-of time; ``last n`` is not asked."""
    if isinstance(window, NextWindow):
        return Stretch(at, moved(at, window.length), start_closed=True, end_closed=False)
    t = at if window.aligned is None else boundary(window.aligned, at, timezone)
    start = None if window.start is None else moved(t, window.start, -1)
    if window.since is not None:
        start = instant(start_of(window.since, t, timezone))
    end = t if window.end is None else moved(t, window.end, -1)
    return Stretch(start, end, window.start_closed, window.end_closed)


def boundary(step: Duration, at: datetime, timezone: str) -> datetime:
    """The largest boundary of a step at or before a time.

    Days, weeks, months, quarters and years begin in the zone; what divides a day is counted
    from 1970 on, in UTC.
    """
    if step in _OF_THE_ZONE:
        return instant(start_of(_OF_THE_ZONE[step], at, timezone))
    length = timedelta(microseconds=step.micros)
    return at - (at - EPOCH) % length
