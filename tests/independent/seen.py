"""Instants as microseconds since 1970, UTC, and the rows of a key that are seen at one."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import datetime, timedelta
from typing import Any

MINUTE = 60_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
EPOCH = datetime(1970, 1, 1)


def micros(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def moment(instant: int | None) -> datetime | None:
    return None if instant is None else EPOCH + timedelta(microseconds=instant)


class Seen:
    """The rows of one key that are seen at t, and windows of them."""

    def __init__(self, rows: list[Any], t: int) -> None:
        self.t = t
        self.rows = [row for row in rows if row.known_at <= t]
        self._times = [row.time for row in self.rows]
        self._windows: dict[tuple[Any, ...], list[Any]] = {}

    def window(
        self, start: int | None = None, end: int = 0, *, first: bool = True, last: bool = False
    ) -> list[Any]:
        """Rows from ``t - start`` (all when None) to ``t - end``, ends in or out."""
        asked = (start, end, first, last)
        if asked not in self._windows:
            low = 0
            if start is not None:
                low = (bisect_left if first else bisect_right)(self._times, self.t - start)
            high = (bisect_right if last else bisect_left)(self._times, self.t - end)
            self._windows[asked] = self.rows[low:high]
        return self._windows[asked]
