"""The as-of time of a command: how it is written, and where it came from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from featdsl.diagnostics import catalog
from featdsl.diagnostics.failure import Failure

COMMAND = "command line"
SETTINGS = "featc.toml"
TODAY = "default: today 00:00 UTC"

_WRITTEN = re.compile(
    r"@?(\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:?\d{2})?)?)"
)
HOW = (
    "write a date (`2024-01-03`), a UTC time (`2024-01-03T10:00:00`) "
    "or a time with its offset (`2024-01-03T10:00:00+05:30`)"
)


@dataclass(frozen=True, slots=True)
class AsOf:
    """An instant (UTC, without a zone) and who chose it."""

    instant: datetime
    origin: str

    def __str__(self) -> str:
        return f"{show_instant(self.instant)} ({self.origin})"


def choose_as_of(given: str | None, setting: datetime | None, *, now: datetime) -> AsOf:
    """Return what was asked for, else the project's setting, else the start of today.

    `now` is the clock: an instant with its zone.

    Raises:
        Failure: `given` is not an instant.
    """
    if given is not None:
        return AsOf(parse_as_of(given, now=now), COMMAND)
    if setting is not None:
        return AsOf(setting, SETTINGS)
    return AsOf(parse_as_of("today", now=now), TODAY)


def parse_as_of(text: str, *, now: datetime) -> datetime:
    """Read an instant; the result is UTC and carries no zone.

    Raises:
        Failure: the text is not an instant.
    """
    match text.strip().lower():
        case "now":
            return to_utc(now)
        case "today":
            return to_utc(now).replace(hour=0, minute=0, second=0, microsecond=0)
    instant = read_instant(text)
    if instant is None:
        message = f"`{text}` is not an as-of time"
        raise Failure(catalog.WRONG_INSTANT.general(message).help(f"{HOW}, or `now` or `today`"))
    return instant


def read_instant(value: str | date) -> datetime | None:
    """Return a written or typed instant as UTC without a zone; None where it is none."""
    try:
        if isinstance(value, datetime):
            return to_utc(value)
        if isinstance(value, date):
            return datetime.combine(value, time())
        match = _WRITTEN.fullmatch(value.strip())
        return None if match is None else to_utc(datetime.fromisoformat(match[1]))
    except (ValueError, OverflowError):  # 30 February; an offset that leaves the years 1 to 9999
        return None


def to_utc(instant: datetime) -> datetime:
    """Drop the zone, converting to UTC; without one it is UTC already."""
    return instant if instant.tzinfo is None else instant.astimezone(UTC).replace(tzinfo=None)


def show_instant(instant: datetime) -> str:
    """``2024-01-03 10:00 UTC``; seconds and their parts only where there are any."""
    precision = (
        "microseconds" if instant.microsecond else "seconds" if instant.second else "minutes"
    )
    return instant.isoformat(sep=" ", timespec=precision) + " UTC"
