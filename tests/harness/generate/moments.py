"""Times round an as-of time, many of them exactly at the ends of windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

MICRO = timedelta(microseconds=1)
BASES = (
    datetime(2024, 3, 31),
    datetime(2024, 5, 31, 12, 30),
    datetime(2024, 2, 29, 23, 59, 59, 999999),
    datetime(2023, 12, 31, 10),
    datetime(1970, 1, 15, 6, 0, 0, 1),
    datetime(1969, 7, 20, 20, 17),
    datetime(2000, 3, 1),
    datetime(2024, 10, 27, 1, 30),
    datetime(2024, 3, 10, 7),
)


@dataclass
class Moments:
    """``lengths`` are those of windows; ``edges`` is the share of times at their ends.

    ``marks`` are times at which rows that are written already begin or end to be seen.
    """

    r: Random
    base: datetime
    lengths: Sequence[timedelta]
    edges: float = 0.45
    made: list[datetime] = field(default_factory=list)
    marks: list[datetime] = field(default_factory=list)

    def some(self) -> datetime:
        """A time; a quarter of them again, so that rows of sources meet."""
        if self.made and self.r.random() < 0.25:
            return self.r.choice(self.made)
        self.made = [*self.made[-5:], self._new()]
        return self.made[-1]

    def _new(self) -> datetime:
        r = self.r
        if self.marks and r.random() < 0.2:
            return r.choice(self.marks) + r.choice((0, 0, 0, -1, 1)) * MICRO
        at = self.base
        if r.random() < self.edges:
            at -= r.choice(self.lengths)
            at += r.choice((0, 0, 0, -1, 1)) * MICRO
        elif r.random() < 0.3:
            at += r.choice((0, 0, 1, 3600_000_000, 86_400_000_000, -1)) * MICRO
        else:
            at -= timedelta(seconds=r.randint(0, 86_400 * r.choice((2, 10, 40, 400))))
        return at
