"""Changing rows: each stored row is a version, the newest that is visible wins."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.harness.generate.columns import BATCH, Column
from tests.harness.generate.histories.events import late, seen
from tests.harness.generate.histories.parts import first_role, identity, timed
from tests.harness.generate.moments import Moments
from tests.harness.generate.sources import History, Row, Source


def _keep(r: Random, source: Source) -> None:
    identity(source)
    _versions(r, source, first_role(source), ("ver",))


def _keep_time(r: Random, source: Source) -> None:
    identity(source)
    after = f" available after {r.choice(('2h', '1month'))}" if r.random() < 0.4 else ""
    source.items.append(f"{timed(r, source)}{after}")
    _versions(r, source, _rows_of(r, source), ("ver",))


def _keep_seen(r: Random, source: Source) -> None:
    identity(source)
    seen(source)
    source.items.append(f"{timed(r, source)} available seen")
    _versions(r, source, _rows_of(r, source), r.choice((("ver2",), ("ver",), ("ver2", "ver"))))


def _rows_of(r: Random, source: Source) -> tuple[str, ...]:
    """What has one version: an entity's key, or a row."""
    if r.random() < (0.5 if source.history.name == "keep_seen" else 0.25):
        return first_role(source)
    return (BATCH, "id") if source.batched else ("id",)


def _versions(r: Random, source: Source, per: tuple[str, ...], by: tuple[str, ...]) -> None:
    if per == first_role(source):
        source.single = per
    source.columns += [Column("ver", "ts", "timestamp"), Column("ver2", "int", "int")]
    if by == ("ver",) and r.random() < 0.5:
        by = ("ver", "ver2")
    source.per, source.by = per, by
    source.fixed |= {*per, *by, "ver", "ver2"}
    which = "first" if r.random() < 0.2 else "last"
    removed = ""
    if r.random() < 0.3:
        gone = next(c for c in source.columns if c.kind == "bool" and c.name not in per)
        source.fixed.add(gone.name)
        removed = f" removed when {r.choice(('', 'not '))}{gone.written}"
    of, order = source.written(per), source.written(by)
    source.items.append(f"keep {which} per {of} by {order}{removed}")


def _with_versions(r: Random, rows: list[Row], source: Source, moments: Moments) -> list[Row]:
    """Versions of rows; those of one time and one number are the same."""
    if source.history.name == "keep_seen":
        late(r, rows, source, moments)
    per = source.per
    of_rows = "id" in per
    versions = list(rows)
    for row in rows:
        for _ in range(r.choice((0, 0, 1, 2))):
            other = {**r.choice(rows), **{c: row[c] for c in per}}
            other["id"] = row["id"]
            other["ver"] = r.choice((row["ver"], r.choice(rows)["ver"]))
            other["ver2"] = r.choice((row["ver2"], 1, 2, None))
            versions.append(other)
    if not of_rows:
        for i, row in enumerate(versions):
            row["id"] = i
    found: dict[tuple[Any, ...], Row] = {}
    for row in versions:
        found.setdefault(tuple(row[c] for c in (*per, *source.by)), row)
    kept = list(found.values())
    # One and the same version may be stored twice.
    if of_rows and r.random() < 0.2 and kept:
        kept.append(dict(r.choice(kept)))
    return kept


HISTORIES = [
    History("keep", 2, _keep, _with_versions, joined=True, lists=True),
    History("keep_time", 4, _keep_time, _with_versions, joined=True, several=True),
    History("keep_seen", 2, _keep_seen, _with_versions, joined=True, several=True),
]
