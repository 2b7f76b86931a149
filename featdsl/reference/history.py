"""Which rows of a source exist at a time, and why the others do not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from featdsl.ir.program import Source
from featdsl.ir.text import canonical
from featdsl.reference.expressions import is_true
from featdsl.reference.rows import Row, RowScope
from featdsl.reference.stop import Stopped
from featdsl.reference.trace import Fate, Sight, Why
from featdsl.reference.values import Value, instant, order
from featdsl.reference.visibility import NEVER, delayed, held_from


def rows_at(source: Source, rows: Sequence[Row], at: datetime, timezone: str) -> Sight:
    """Stored rows: those that are not dropped, are visible, win among versions, and are valid."""
    left, hidden = undropped(source, rows, timezone)
    steps = [_latest_snapshot if source.snapshot is not None else _visible]
    if source.keep is not None:
        steps.append(partial(_winners, timezone=timezone))
    if source.valid is not None:
        steps.append(_valid)
    for step in steps:
        left, gone = step(source, left, at)
        hidden += gone
    return Sight(tuple(left), tuple(hidden))


def seen_times(source: Source, rows: Iterable[Row], timezone: str) -> list[datetime]:
    """When each stored row can be seen first, but for those that always or never can."""
    left, _ = undropped(source, rows, timezone)
    seen: Iterable[datetime | None] = (row.seen for row in left)
    if source.snapshot is not None:
        whole = [(s.seen, row) for s in snapshots(source, left) for row in s.rows]
        seen = (at if row.seen is None else max(at, row.seen) for at, row in whole)
    if source.valid is not None:
        seen = (held_from(source, row.values, row.seen) for row in left)
    return [at for at in seen if at is not None and at != NEVER]


def undropped(source: Source, rows: Iterable[Row], timezone: str) -> tuple[list[Row], list[Fate]]:
    """Rows for which no ``drop when`` is true, and those for which one is."""
    left: list[Row] = []
    gone: list[Fate] = []
    for row in rows:
        scope = RowScope(row.values, datetime.min, timezone)
        drop = next((d for d in source.drops if is_true(d.condition, scope)), None)
        if drop is None:
            left.append(row)
        else:
            gone.append(Fate(row, Why.DROPPED, drop.because or canonical(drop.condition)))
    return left, gone


def _visible(source: Source, rows: Sequence[Row], at: datetime) -> tuple[list[Row], list[Fate]]:
    left: list[Row] = []
    later: list[Fate] = []
    for row in rows:
        if row.seen is None or (row.seen <= at and row.seen != NEVER):
            left.append(row)
        else:
            when = "never" if row.seen == NEVER else f"not before {row.seen}"
            later.append(Fate(row, Why.NOT_YET_SEEN, when))
    return left, later


def _latest_snapshot(
    source: Source, rows: Sequence[Row], at: datetime
) -> tuple[list[Row], list[Fate]]:
    """The rows of the latest snapshot that can be seen; a time of their own has to have come."""
    seen = [s for s in snapshots(source, rows) if s.seen <= at and s.seen != NEVER]
    latest = max(seen, key=lambda s: s.taken, default=None)
    left, later = _visible(source, [] if latest is None else latest.rows, at)
    inside = {row.origin for row in (() if latest is None else latest.rows)}
    others = [Fate(row, Why.SNAPSHOT) for row in rows if row.origin not in inside]
    return left, later + others


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """The whole table as it was, and when it can be seen as a whole."""

    taken: datetime
    seen: datetime
    rows: tuple[Row, ...]


def snapshots(source: Source, rows: Iterable[Row]) -> list[_Snapshot]:
    """Rows by the time at which they were taken; those without one are in none."""
    assert source.snapshot is not None
    found: dict[datetime, list[Row]] = {}
    for row in rows:
        taken = row.values[source.snapshot.column]
        if taken is not None:
            found.setdefault(instant(taken), []).append(row)
    return [
        _Snapshot(taken, _whole_from(source, taken, members), tuple(members))
        for taken, members in found.items()
    ]


def _whole_from(source: Source, taken: datetime, rows: Iterable[Row]) -> datetime:
    available = source.available
    if available is None or available.column is None:
        return delayed(source, taken)
    loaded = [row.values[available.column] for row in rows]
    return NEVER if None in loaded else max(taken, *map(instant, loaded))


def _winners(
    source: Source, rows: Sequence[Row], at: datetime, *, timezone: str
) -> tuple[list[Row], list[Fate]]:
    """Of the visible versions of each key the one with the largest ``by``, or the smallest.

    Where ``removed when`` holds for it, the key has no row.
    """
    assert source.keep is not None
    versions: dict[tuple[Value, ...], list[Row]] = {}
    for row in rows:
        key = tuple(row.values[c] for c in source.keep.per)
        versions.setdefault(key, []).append(row)
    winners: list[Row] = []
    fates: list[Fate] = []
    pick = min if source.keep.first else max
    for key, of_key in versions.items():
        winner = pick(of_key, key=lambda row: _version(source, row))
        for row in of_key:
            equal = _version(source, row) == _version(source, winner)
            if equal and row.values != winner.values:
                raise Stopped(f"two newest versions of {key} in {source.name}")
        number = f"by row {winner.origin[1]}"
        fates += [Fate(row, Why.SUPERSEDED, number) for row in of_key if row is not winner]
        removed = source.keep.removed_when
        if removed is not None and is_true(removed, RowScope(winner.values, at, timezone)):
            fates.append(Fate(winner, Why.REMOVED, canonical(removed)))
        else:
            winners.append(winner)
    return winners, fates


def _version(source: Source, row: Row) -> tuple[tuple[bool, Value], ...]:
    assert source.keep is not None
    return tuple(order(row.values[c]) for c in source.keep.by)


def _valid(source: Source, rows: Sequence[Row], at: datetime) -> tuple[list[Row], list[Fate]]:
    left = [row for row in rows if _is_valid(source, row, at)]
    others = [Fate(row, Why.NOT_VALID) for row in rows if not _is_valid(source, row, at)]
    return left, others


def _is_valid(source: Source, row: Row, at: datetime) -> bool:
    assert source.valid is not None
    start, end = row.values[source.valid.start], row.values[source.valid.end]
    return start is not None and instant(start) <= at and (end is None or at < instant(end))
