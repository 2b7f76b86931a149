"""When a stored row can be seen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from featdsl.ir.program import Source
from featdsl.reference.calendar import moved
from featdsl.reference.values import Value, instant

NEVER: Final = datetime.max


def seen_from(source: Source, values: Mapping[str, Value]) -> datetime | None:
    """From when on a row can be seen: its availability time; None for always.

    ``available after d`` is the time, or the begin of validity, and d; ``available c`` is the
    column c. A version of ``keep`` is never seen before its ``u`` and the declared delay.
    """
    starts = [_of_the_row(source, values)]
    if source.keep is not None:
        made = values.get(source.keep.by[0])
        if made is None:
            return NEVER
        if isinstance(made, date):
            starts.append(_delayed(source, made))
    return max((s for s in starts if s is not None), default=None)


def delayed(source: Source, time: datetime) -> datetime:
    """The time and the source's declared delay."""
    return _delayed(source, time)


def _of_the_row(source: Source, values: Mapping[str, Value]) -> datetime | None:
    available = source.available
    if available is not None and available.column is not None:
        at = values.get(available.column)
        return NEVER if at is None else instant(at)
    if source.time is not None:
        begins = source.time
    elif source.valid is not None and available is not None:
        begins = source.valid.start
    else:
        return None
    at = values.get(begins)
    return NEVER if at is None else _delayed(source, at)


def _delayed(source: Source, time: date) -> datetime:
    available = source.available
    if available is None or available.after is None:
        return instant(time)
    return moved(time, available.after)
