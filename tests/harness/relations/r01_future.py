"""Rows of times to come change nothing, whenever they are seen."""

from __future__ import annotations

from datetime import timedelta

from tests.harness.relations.ground import MICRO, Ground, Relation, Row


def differences(g: Ground) -> list[str] | None:
    closed = any(w.end_closed for w in g.windows())
    at = g.case.as_of
    later = [MICRO, timedelta(hours=3), timedelta(days=40)] + [timedelta()] * (not closed)
    more: dict[str, list[Row]] = {}
    for source in g.program.sources.values():
        if source.time is None or source.keep is not None or source.valid is not None:
            continue
        if getattr(source, "snapshot", None) is not None:
            continue
        for _ in range(3):
            changes = {source.time: at + g.r.choice(later)}
            if source.available is not None and source.available.column is not None:
                seen = (at - timedelta(hours=1), at, at - timedelta(days=9), at + timedelta(days=1))
                changes[source.available.column] = g.r.choice(seen)
            row = g.another(source, changes)
            if row is not None:
                more.setdefault(source.name, []).append(row)
    # A row that is seen ahead of its time makes its key known.
    return g.compared(g.ask(stored=g.with_rows(more)), more=True) if more else None


RELATION = Relation("R1", "rows of times to come change nothing", differences)
