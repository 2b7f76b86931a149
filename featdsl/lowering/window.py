"""Windows as conditions on a row's time."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from featdsl.ir.expr import LIFETIME, AnyWindow, NextWindow, Window
from featdsl.sql import build
from featdsl.sql.zone import boundary, start_of
from featdsl.types.dtype import TIMESTAMP
from featdsl.types.duration import Duration


@dataclass(frozen=True, slots=True)
class Ends:
    """Where a window begins and ends, in SQL; a null start is the beginning of time."""

    start: exp.Expr | None
    end: exp.Expr
    start_closed: bool = True
    end_closed: bool = False

    def conditions(self, time: exp.Expr) -> list[exp.Expr]:
        """What must hold for a time to lie within."""
        found: list[exp.Expr] = []
        if self.start is not None:
            after = exp.GTE if self.start_closed else exp.GT
            found.append(after(this=time.copy(), expression=self.start.copy()))
        before = exp.LTE if self.end_closed else exp.LT
        found.append(before(this=time.copy(), expression=self.end.copy()))
        return found


def ends(window: AnyWindow, as_of: exp.Expr, zone: str) -> Ends:
    """The ends of a window at an as-of time; days and longer steps are those of the zone."""
    if isinstance(window, NextWindow):
        return Ends(as_of.copy(), build.plus(as_of.copy(), window.length))
    at = as_of if window.aligned is None else boundary(window.aligned, as_of.copy(), zone)
    start = None
    if window.since is not None:
        start = start_of(window.since, at.copy(), TIMESTAMP, zone)
    elif window.start is not None:
        start = build.minus(at.copy(), window.start)
    end = build.minus(at.copy(), window.end)
    return Ends(start, end, window.start_closed, window.end_closed)


def hull(time: exp.Expr, windows: tuple[Window, ...], as_of: exp.Expr, zone: str) -> list[exp.Expr]:
    """Conditions for a row to lie in a range that holds every window, a small one.

    Lengths that are not fixed are not compared here: of windows with a step or a unit the engine
    takes the widest ends, and where months are counted the range is all time, up to the as-of
    time where all windows end there. Each pass then cuts its own.
    """
    if any(has_calendar(w) for w in windows):
        return ends(LIFETIME, as_of, zone).conditions(time) if all(map(_ends_now, windows)) else []
    fixed = [w for w in windows if not is_moved(w)]
    found = [ends(w, as_of, zone) for w in windows if is_moved(w)]
    if fixed:
        found.append(ends(_widest(fixed), as_of, zone))
    if len(found) == 1:
        return found[0].conditions(time)
    starts = [e.start for e in found if e.start is not None]
    widest = Ends(
        start=build.func("least", *starts) if len(starts) == len(found) else None,
        end=build.func("greatest", *(e.end for e in found)),
        end_closed=any(e.end_closed for e in found),
    )
    return widest.conditions(time)


def _widest(windows: list[Window]) -> Window:
    """The smallest window that holds windows of fixed lengths."""
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
    return widest


def is_hull(window: Window, windows: tuple[Window, ...]) -> bool:
    """Whether the `hull` of windows is that window."""
    first = windows[0].uncapped if windows else None
    return bool(windows) and not has_calendar(window) and all(w.uncapped == first for w in windows)


def has_calendar(window: Window) -> bool:
    """Whether an end is counted in months."""
    return any(d is not None and d.is_calendar for d in (window.start, window.end))


def is_moved(window: Window) -> bool:
    """Whether an end depends on more than lengths: on a step or a unit of the calendar."""
    return window.aligned is not None or window.since is not None


def _micros_back(end: Duration | None) -> int:
    return 0 if end is None else end.micros


def _ends_now(window: Window) -> bool:
    return window.end is None and not window.end_closed
