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
    column c. A version of ``keep`` is never seen before its ``u`` and the declared delay. When a
    snapshot is seen is another question, which `history` answers: here its row has its own time.
    """
    starts = [_of_the_row(source, values)]
    if source.keep is not None:
        made = values.get(source.keep.by[0])
        if made is None:
            return NEVER
        if isinstance(made, date):
            starts.append(delayed(source, made))
    return _latest(starts)


def seen_alone(source: Source, values: Mapping[str, Value]) -> datetime | None:
    """The same of a row whose snapshot has no other: a row of a view that is given."""
    if source.valid is not None:
        return held_from(source, values, seen_from(source, values))
    starts = [seen_from(source, values)]
    if source.snapshot is not None:
        taken = values.get(source.snapshot.column)
        starts.append(None if taken is None else delayed(source, taken))
        if source.available is not None and source.available.column is not None:
            at = values.get(source.available.column)
            starts.append(None if at is None else instant(at))
    return _latest(starts)


def held_from(
    source: Source, values: Mapping[str, Value], seen: datetime | None
) -> datetime | None:
    """When a row that can be seen from a time on begins to hold, and is seen: of validity."""
    assert source.valid is not None
    begins = values.get(source.valid.start)
    return NEVER if begins is None else _latest([seen, instant(begins)])


def _latest(starts: list[datetime | None]) -> datetime | None:
    return max((s for s in starts if s is not None), default=None)


def _of_the_row(source: Source, values: Mapping[str, Value]) -> datetime | None:
    available = source.available
    if available is not None and available.column is not None:
        if source.snapshot is not None:
            return None
        at = values.get(available.column)
        return NEVER if at is None else instant(at)
    if source.time is not None:
        begins = source.time
    elif source.valid is not None and available is not None:
        begins = source.valid.start
    else:
        return None
    at = values.get(begins)
    return NEVER if at is None else delayed(source, at)


def delayed(source: Source, time: date) -> datetime:
    """The time and the source's declared delay."""
    available = source.available
    if available is None or available.after is None:
        return instant(time)
    return moved(time, available.after)
