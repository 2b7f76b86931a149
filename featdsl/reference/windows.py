"""Windows: which rows lie in one, by their time."""

from __future__ import annotations

from datetime import datetime

from featdsl.ir.expr import AnyWindow, NextWindow
from featdsl.reference.calendar import moved


def holds(window: AnyWindow, time: datetime | None, at: datetime) -> bool:
    """Whether a row of a time lies in the window of an as-of time."""
    if time is None:
        return False
    if isinstance(window, NextWindow):
        return at <= time < moved(at, window.length)
    end = at if window.end is None else moved(at, window.end, -1)
    before = time < end or (window.end_closed and time == end)
    if window.start is None:
        return before
    start = moved(at, window.start, -1)
    return before and (time > start or (window.start_closed and time == start))
