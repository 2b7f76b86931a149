"""Validity: each row holds from a time to another."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.harness.generate.columns import Column
from tests.harness.generate.histories.parts import identity, one_each, timed
from tests.harness.generate.moments import Moments
from tests.harness.generate.sources import History, Row, Source


def _valid(r: Random, source: Source) -> None:
    one_each(source)
    _columns(source)
    later = " available after 1d" if r.random() < 0.3 else ""
    source.items.append(f"valid vf to vt{later}")


def _valid_time(r: Random, source: Source) -> None:
    identity(source)
    _columns(source)
    more = f" available after {r.choice(('2h', '1month'))}" if r.random() < 0.4 else ""
    source.items += [f"{timed(r, source)}{more}", "valid vf to vt"]


def _columns(source: Source) -> None:
    source.columns += [Column("vf", "ts", "timestamp"), Column("vt", "ts", "timestamp")]
    source.fixed |= {"vf", "vt"}


def _intervals(r: Random, rows: list[Row], source: Source, moments: Moments) -> list[Row]:
    """Rows of one key hold one after another, touching or with gaps."""
    single = source.single or ("id",)
    by_key: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        by_key.setdefault(tuple(row[c] for c in single), []).append(row)
    for group in by_key.values():
        cuts = sorted(moments.some() for _ in range(len(group) + 1))
        for i, row in enumerate(group):
            row["vf"], row["vt"] = cuts[i], cuts[i + 1]
            if r.random() < 0.2 and row["vf"] < row["vt"]:
                row["vt"] -= (row["vt"] - row["vf"]) / 2
            if r.random() < 0.1:
                row["vt"] = row["vf"]
        if r.random() < 0.5:
            group[-1]["vt"] = None
        if r.random() < 0.05:
            group[0]["vf"] = None
    return rows


HISTORIES = [
    History("valid", 2, _valid, _intervals, joined=True, lists=True),
    History("valid_time", 2, _valid_time, _intervals, joined=True, several=True),
]
