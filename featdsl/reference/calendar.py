"""Times: lengths of months, days of a time zone, where units begin."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from featdsl.reference.stop import Unanswered
from featdsl.reference.values import instant
from featdsl.types.duration import Duration

DAY: Final = timedelta(days=1)
MICROSECOND: Final = timedelta(microseconds=1)


def moved(time: date, by: Duration | timedelta, sign: int = 1) -> datetime:
    """The time so much later, or earlier; a day that a month lacks is its last.

    Raises:
        Unanswered: there is no such time between the years 1 and 9999.
    """
    start = instant(time)
    try:
        if isinstance(by, timedelta):
            return start + sign * by
        if not by.is_calendar:
            return start + timedelta(microseconds=sign * by.micros)
        return _months_later(start, sign * by.months)
    except (OverflowError, ValueError):
        raise Unanswered(f"{start} moved by {by} is outside of the years 1 to 9999") from None


def _months_later(time: datetime, months: int) -> datetime:
    count = time.year * 12 + time.month - 1 + months
    year, month = count // 12, count % 12 + 1
    return time.replace(year=year, month=month, day=min(time.day, monthrange(year, month)[1]))


def local(time: datetime, zone: str) -> datetime:
    """What clocks show in a zone at a time in UTC."""
    return time.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))


def day_of(time: date, zone: str) -> date:
    """The calendar day in a zone; a date is its day in every zone."""
    return local(time, zone).date() if isinstance(time, datetime) else time


def start_of_day(unit: str, day: date) -> date:
    """The first day of the day, week, month, quarter or year that a day lies in."""
    match unit:
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case "year":
            return day.replace(month=1, day=1)
        case _:
            return day


def midnight(day: date, zone: str) -> datetime:
    """The instant at which a day begins in a zone.

    Where clocks skip midnight it is the first instant after it, where they show it twice the
    first of both: ``fold=0`` reads a clock by what held before it was turned.
    """
    clock = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone), fold=0)
    return clock.astimezone(UTC).replace(tzinfo=None)


def start_of(unit: str, time: date, zone: str) -> date:
    """The first instant of the unit that a time lies in; of a date, a date."""
    if not isinstance(time, datetime):
        return start_of_day(unit, time)
    if unit == "minute":
        return time.replace(second=0, microsecond=0)
    if unit == "hour":
        return time.replace(minute=0, second=0, microsecond=0)
    return midnight(start_of_day(unit, day_of(time, zone)), zone)
