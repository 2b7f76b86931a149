"""Rows that are not seen yet change nothing, wherever their time lies."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from featdsl.ir.program import Source
from tests.harness.relations.ground import MICRO, Ground, Relation, Row


def unseen(g: Ground, source: Source) -> dict[str, Any] | None:
    """Changes that hide a row of a source at the case's time."""
    at = g.case.as_of
    later = at + g.r.choice((MICRO, timedelta(hours=1), timedelta(days=33)))
    early = at - g.r.choice((timedelta(days=1), timedelta(days=8), MICRO))
    if getattr(source, "snapshot", None) is not None:
        return None
    if source.keep is not None and source.columns[source.keep.by[0]].dtype.is_temporal:
        return {source.keep.by[0]: later, **_time(g, source)}
    if source.available is not None and source.available.column is not None:
        return {**_time(g, source), source.available.column: g.r.choice((later, None))}
    if source.valid is not None and source.time is None:
        return {source.valid.start: later, source.valid.end: later + timedelta(days=1)}
    if source.valid is not None:
        return {source.valid.start: later, source.valid.end: None, source.time: early}
    if source.time is not None and source.available is not None:
        after = source.available.after
        assert after is not None
        length = timedelta(days=20) if after.is_calendar else timedelta(microseconds=after.micros)
        return {source.time: at - g.r.random() * length + MICRO}
    return None if source.time is None else {source.time: later}


def _time(g: Ground, source: Source) -> dict[str, Any]:
    if source.time is None:
        return {}
    back = g.r.choice((timedelta(), timedelta(days=1), timedelta(days=6), MICRO))
    return {source.time: g.case.as_of - back}


def differences(g: Ground) -> list[str] | None:
    if any(w.end_closed for w in g.windows()) and g.root.available is None:
        return None
    more: dict[str, list[Row]] = {}
    for source in g.program.sources.values():
        for _ in range(3):
            changes = unseen(g, source)
            row = None if changes is None else g.another(source, changes)
            if row is not None:
                more.setdefault(source.name, []).append(row)
    return g.compared(g.ask(stored=g.with_rows(more))) if more else None


RELATION = Relation("R2", "rows that are not seen yet change nothing", differences)
