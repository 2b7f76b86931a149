"""Lengths of time as they are written: `30d`, `500ms`, `3month`."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import MAXYEAR, datetime, timedelta

# Microseconds of one fixed unit.
FIXED_MICROS = {
    "ms": 1_000,
    "s": 1_000_000,
    "min": 60_000_000,
    "h": 3_600_000_000,
    "d": 86_400_000_000,
    "w": 604_800_000_000,
}
# Months of one calendar unit: their length in time depends on where they are counted from.
CALENDAR_MONTHS = {"month": 1, "quarter": 3, "year": 12}
UNITS = (*FIXED_MICROS, *CALENDAR_MONTHS)

_WRITTEN = re.compile(r"([0-9]+)([a-z]+)\Z")


@dataclass(frozen=True, slots=True)
class Duration:
    """An amount of one unit; `7d` and `1w` are the same length and different texts."""

    amount: int
    unit: str

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            raise ValueError(f"unknown time unit {self.unit!r}")

    @classmethod
    def parse(cls, text: str) -> Duration:
        """Read `30d`.

        Raises:
            ValueError: not a number directly followed by a known unit.
        """
        found = _WRITTEN.match(text)
        if found is None:
            raise ValueError(f"not a duration: {text!r}")
        return cls(int(found[1]), found[2])

    @property
    def is_calendar(self) -> bool:
        """Whether the length depends on the calendar (months, quarters, years)."""
        return self.unit in CALENDAR_MONTHS

    @property
    def micros(self) -> int:
        """Length in microseconds.

        Raises:
            ValueError: a calendar duration has no fixed length.
        """
        if self.is_calendar:
            raise ValueError(f"{self} has no fixed length")
        return self.amount * FIXED_MICROS[self.unit]

    @property
    def months(self) -> int:
        """Length in months.

        Raises:
            ValueError: a fixed duration is not a number of months.
        """
        if not self.is_calendar:
            raise ValueError(f"{self} is not a number of months")
        return self.amount * CALENDAR_MONTHS[self.unit]

    def later(self, time: datetime, times: int = 1) -> datetime:
        """The time moved on by so many of these; a day that a month lacks is its last.

        Raises:
            OverflowError: later than the year 9999.
        """
        if not self.is_calendar:
            return time + timedelta(microseconds=self.micros * times)
        years, month = divmod(time.month - 1 + self.months * times, 12)
        year = time.year + years
        if year > MAXYEAR:
            raise OverflowError(f"{times} times {self} after {time} is past the year {MAXYEAR}")
        day = min(time.day, monthrange(year, month + 1)[1])
        return time.replace(year=year, month=month + 1, day=day)

    def __str__(self) -> str:
        return f"{self.amount}{self.unit}"
