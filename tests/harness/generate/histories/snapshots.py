"""Snapshots: the whole table, again and again."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

from tests.harness.generate.columns import Column
from tests.harness.generate.histories.events import seen
from tests.harness.generate.histories.parts import identity, one_each, timed
from tests.harness.generate.moments import Moments
from tests.harness.generate.sources import History, Row, Source


def _snapshot(r: Random, source: Source) -> None:
    one_each(source)
    source.items.append(f"snapshot taken{_available(r, source)}")


def _snapshot_time(r: Random, source: Source) -> None:
    identity(source)
    source.items += [timed(r, source), "snapshot taken"]
    source.columns.append(Column("taken", "ts", "timestamp"))
    source.fixed.add("taken")


def _available(r: Random, source: Source) -> str:
    source.columns.append(Column("taken", "ts", "timestamp"))
    source.fixed.add("taken")
    match r.randrange(3):
        case 0:
            return ""
        case 1:
            return f" available after {r.choice(('6h', '1d', '90min'))}"
    seen(source)
    return " available seen"


def _tables(r: Random, rows: list[Row], source: Source, moments: Moments) -> list[Row]:
    """Each time has a row for each key at most."""
    times = [moments.some() for _ in range(r.choice((1, 2, 3)))]
    single = source.single or ("id",)
    found: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        row["taken"] = None if r.random() < 0.03 else r.choice(times)
        if "seen" in source.fixed and row["taken"] is not None and r.random() < 0.9:
            row["seen"] = row["taken"] + r.choice((0, 1, 5)) * timedelta(hours=7)
        found.setdefault((row["taken"], *(row[c] for c in single)), row)
    return list(found.values())


HISTORIES = [
    History("snapshot", 4, _snapshot, _tables, joined=True, lists=True, whole=True),
    History("snapshot_time", 1, _snapshot_time, _tables, joined=True, several=True, whole=True),
]
