"""Steps of the calendar and the clock, from boundary to boundary: `1w`, `1month`, `15min`."""

from __future__ import annotations

from typing import Final

from featdsl.types.duration import Duration

DAY_MICROS: Final = 86_400_000_000
CALENDAR: Final = frozenset({"day", "week", "month", "quarter", "year"})
"""Units that begin at midnight of the project's zone."""

_UNITS: Final = {"d": "day", "w": "week", "month": "month", "quarter": "quarter", "year": "year"}


def calendar_unit(step: Duration) -> str | None:
    """The unit of the calendar that a step is one of; its boundaries are in the project's zone."""
    return _UNITS.get(step.unit) if step.amount == 1 else None


def wrong_step(step: Duration) -> str | None:
    """Why a length of time is no step, in words; None where it is one.

    Steps shorter than a day divide it: their boundaries are counted in UTC.
    """
    if calendar_unit(step) is not None:
        return None
    if step.amount == 0:
        return f"{step} has no length"
    if step.is_calendar:
        return f"nothing says in which {_UNITS[step.unit]} the first {step} begin"
    if step.micros > DAY_MICROS:
        return f"nothing says on which day the first {step} begin"
    if step.micros == DAY_MICROS:
        return f"{step} are counted in UTC, and a day begins at midnight of the project's zone"
    if DAY_MICROS % step.micros:
        return f"a day is no multiple of {step}"
    return None
