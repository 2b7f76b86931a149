"""The wall clock of a time zone. Timestamps are naive UTC in SQL; a date has no zone."""

from __future__ import annotations

from sqlglot import exp

from featdsl.sql import build
from featdsl.types.dtype import TIMESTAMP, DType, Kind
from featdsl.types.duration import Duration
from featdsl.types.step import calendar_unit

UTC = "UTC"
UNITS = ("minute", "hour", "day", "week", "month", "quarter", "year")
_SHORT = ("minute", "hour")
_STEP = exp.Interval(this=exp.Literal.string("1"), unit=exp.Var(this="MICROSECOND"))


def wall_time(value: exp.Expr, dtype: DType, zone: str) -> exp.Expr:
    """What clocks of the zone show at an instant; midnight of a date."""
    if dtype.kind in (Kind.DATE, Kind.NULL):
        return exp.cast(value, exp.DataType.Type.TIMESTAMP)
    return value if zone == UTC else _moved(value, UTC, zone)


def wall_date(value: exp.Expr, dtype: DType, zone: str) -> exp.Expr:
    """The calendar day in the zone at an instant; a date as it is."""
    if dtype.kind is Kind.DATE:
        return value
    return exp.cast(wall_time(value, dtype, zone), exp.DataType.Type.DATE)


def start_of(unit: str, value: exp.Expr, dtype: DType, zone: str) -> exp.Expr:
    """First instant of the minute, …, year that an instant lies in; of a date, its first day.

    Days and longer units begin at the zone's midnight, or at the first instant after it where
    clocks skip it; minutes and hours are those of UTC. Weeks begin on Monday.
    """
    assert unit in UNITS
    if dtype.kind is Kind.DATE:
        if unit in _SHORT:
            return value
        return exp.cast(_trunc(unit, value), exp.DataType.Type.DATE)
    if unit in _SHORT or zone == UTC or dtype.kind is Kind.NULL:
        return _trunc(unit, wall_time(value, dtype, UTC))
    midnight = _trunc(unit, wall_time(value, dtype, zone))
    # Where clocks show midnight twice the engine takes the second; a moment before there is but
    # one. Where a whole day is skipped, it is the other way round.
    before = exp.Sub(this=midnight.copy(), expression=_STEP.copy())
    after = exp.Add(this=_moved(before, zone, UTC), expression=_STEP.copy())
    return build.func("least", _moved(midnight, zone, UTC), after)


def boundary(step: Duration, value: exp.Expr, zone: str) -> exp.Expr:
    """The last boundary of a step at or before a timestamp: see `types.step`."""
    unit = calendar_unit(step)
    if unit is not None:
        return start_of(unit, value, TIMESTAMP, zone)
    micros = build.number(step.micros)
    whole = build.floor_divide_positive(build.epoch_us(value), step.micros)
    counted = exp.Mul(this=exp.Paren(this=whole), expression=micros)
    return build.func("make_timestamp", counted)


_IN_YEAR = {"month": 12, "quarter": 4}


def step_number(step: Duration, value: exp.Expr, dtype: DType, zone: str) -> exp.Expr:
    """A whole number that rises by one from each step to the next: see `types.step`."""
    unit = calendar_unit(step)
    if unit is None:
        time = exp.cast(value, exp.DataType.Type.TIMESTAMP)
        return build.floor_divide_positive(build.epoch_us(time), step.micros)
    day = wall_date(value, dtype, zone)
    year = build.func("year", day)
    if unit == "year":
        return year
    if unit in _IN_YEAR:
        whole = exp.Mul(this=year, expression=build.number(_IN_YEAR[unit]))
        return exp.Add(this=whole, expression=build.func(unit, day.copy()))
    epoch = exp.cast(build.text("1970-01-01"), exp.DataType.Type.DATE)
    number = build.func("date_diff", build.text("day"), epoch, day)
    if unit == "day":
        return number
    # Weeks begin on Monday; 1970 began on a Thursday.
    since_monday = exp.Add(this=number, expression=build.number(3))
    return build.floor_divide_positive(since_monday, 7)


def _trunc(unit: str, value: exp.Expr) -> exp.Expr:
    return build.func("date_trunc", build.text(unit), value)


def _moved(value: exp.Expr, start: str, end: str) -> exp.Expr:
    """A wall-clock time of one zone as that of another."""
    instant = build.func("timezone", build.text(start), value)
    return build.func("timezone", build.text(end), instant)
