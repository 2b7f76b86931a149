"""Windows as conditions on a row's time."""

from __future__ import annotations

from sqlglot import exp

from featdsl.ir.expr import LIFETIME, NextWindow, Window
from featdsl.sql import build
from featdsl.types.duration import Duration


def within(
    time: str, window: Window | NextWindow, as_of: exp.Expr, table: str | None = None
) -> list[exp.Expr]:
    """Conditions for a row to lie in the window; `time` is the column of its time, in `table`."""

    def at() -> exp.Expr:
        return build.col(time, table)

    if isinstance(window, NextWindow):
        end = build.plus(as_of.copy(), window.length)
        return [exp.GTE(this=at(), expression=as_of.copy()), exp.LT(this=at(), expression=end)]
    found: list[exp.Expr] = []
    if window.start is not None:
        after = exp.GTE if window.start_closed else exp.GT
        found.append(after(this=at(), expression=build.minus(as_of.copy(), window.start)))
    before = exp.LTE if window.end_closed else exp.LT
    found.append(before(this=at(), expression=build.minus(as_of.copy(), window.end)))
    return found


def hull(time: str, windows: tuple[Window, ...], as_of: exp.Expr) -> list[exp.Expr]:
    """Conditions for a row to lie in the smallest range that holds every window.

    Months have no fixed length, so windows with calendar units are not compared: each pass
    then cuts its own, and the range ends at the as-of time where all of them do.
    """
    if any(has_calendar(w) for w in windows):
        return within(time, LIFETIME, as_of) if all(_ends_now(w) for w in windows) else []
    latest = min(windows, key=lambda w: (_micros_back(w.end), not w.end_closed))
    widest = Window(end=latest.end, end_closed=latest.end_closed)
    if all(w.start is not None for w in windows):
        earliest = max(windows, key=lambda w: (_micros_back(w.start), w.start_closed))
        widest = Window(
            start=earliest.start,
            start_closed=earliest.start_closed,
            end=latest.end,
            end_closed=latest.end_closed,
        )
    return within(time, widest, as_of)


def has_calendar(window: Window) -> bool:
    """Whether an end is counted in months."""
    return any(d is not None and d.is_calendar for d in (window.start, window.end))


def _micros_back(end: Duration | None) -> int:
    return 0 if end is None else end.micros


def _ends_now(window: Window) -> bool:
    return window.end is None and not window.end_closed
