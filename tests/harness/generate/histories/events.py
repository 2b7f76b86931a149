"""Events: immutable rows, seen at their time, after a delay, or from a time of their own on."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from tests.harness.generate.columns import Column
from tests.harness.generate.histories.parts import identity, timed
from tests.harness.generate.moments import Moments
from tests.harness.generate.sources import History, Row, Source


def _events(r: Random, source: Source) -> None:
    identity(source)
    source.items.append(timed(r, source, required=True))


def _delay(r: Random, source: Source) -> None:
    identity(source)
    after = r.choice(("2h", "1d", "1month", "90min"))
    source.items.append(f"{timed(r, source, required=True)} available after {after}")


def _available(r: Random, source: Source) -> None:
    identity(source)
    seen(source)
    source.items.append(f"{timed(r, source)} available seen")


def seen(source: Source) -> None:
    """A column that says from when on a row is seen."""
    source.columns.append(Column("seen", "ts", "timestamp"))
    source.fixed.add("seen")


def ties(r: Random, rows: list[Row], source: Source, moments: Moments) -> list[Row]:
    """A quarter of the rows has time and keys of another."""
    keys = [c for roles in source.roles.values() for role in roles for c in role]
    for row in rows:
        if r.random() < 0.25:
            other = r.choice(rows)
            row |= {c: other[c] for c in ("at", *keys)}
    return rows


def late(r: Random, rows: list[Row], source: Source, moments: Moments) -> list[Row]:
    """Most rows are seen near to their time, some before it."""
    for row in rows:
        known = row["at"] is not None and row["seen"] is not None
        if known and r.random() < 0.8:
            row["seen"] = row["at"] + r.choice((0, 1, 3, -2, -10)) * timedelta(hours=5)
    return rows


HISTORIES = [
    History("events", 6, _events, ties, joined=True, lists=True),
    History("delay", 2, _delay, ties, joined=True),
    History("available", 2, _available, late, joined=True),
]
