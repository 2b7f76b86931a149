"""Which rows of a source exist at a time, and why the others do not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from featdsl.ir.program import Source
from featdsl.ir.text import canonical
from featdsl.reference.expressions import is_true
from featdsl.reference.rows import Row, RowScope
from featdsl.reference.stop import Stopped
from featdsl.reference.trace import Fate, Sight, Why
from featdsl.reference.values import Value, instant, order
from featdsl.reference.visibility import NEVER


def rows_at(source: Source, rows: Sequence[Row], at: datetime, timezone: str) -> Sight:
    """Stored rows: those that are not dropped, are visible, win among versions, and are valid."""
    left, hidden = undropped(source, rows, timezone)
    visible: list[Row] = []
    for row in left:
        if row.seen is None or (row.seen <= at and row.seen != NEVER):
            visible.append(row)
        else:
            when = "never" if row.seen == NEVER else f"not before {row.seen}"
            hidden.append(Fate(row, Why.NOT_YET_SEEN, when))
    if source.keep is not None:
        visible, older = _newest(source, visible)
        hidden += older
    if source.valid is not None:
        valid = [row for row in visible if _is_valid(source, row, at)]
        kept = {row.origin for row in valid}
        hidden += [Fate(row, Why.NOT_VALID) for row in visible if row.origin not in kept]
        visible = valid
    return Sight(tuple(visible), tuple(hidden))


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


def _newest(source: Source, rows: Sequence[Row]) -> tuple[list[Row], list[Fate]]:
    """Of the visible versions of each key the one with the largest ``by``."""
    assert source.keep is not None
    versions: dict[tuple[Value, ...], list[Row]] = {}
    for row in rows:
        key = tuple(row.values[c] for c in source.keep.per)
        versions.setdefault(key, []).append(row)
    winners: list[Row] = []
    older: list[Fate] = []
    for key, all_of_key in versions.items():
        winner = max(all_of_key, key=lambda row: _version(source, row))
        for row in all_of_key:
            equal = _version(source, row) == _version(source, winner)
            if equal and row.values != winner.values:
                raise Stopped(f"two newest versions of {key} in {source.name}")
        winners.append(winner)
        older += [
            Fate(row, Why.SUPERSEDED, f"by row {winner.origin[1]}")
            for row in all_of_key
            if row is not winner
        ]
    return winners, older


def _version(source: Source, row: Row) -> tuple[tuple[bool, Value], ...]:
    assert source.keep is not None
    return tuple(order(row.values[c]) for c in source.keep.by)


def _is_valid(source: Source, row: Row, at: datetime) -> bool:
    assert source.valid is not None
    start, end = row.values[source.valid.start], row.values[source.valid.end]
    return start is not None and instant(start) <= at and (end is None or at < instant(end))
