"""Random rows that keep what their source declares, and every edge of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from tests.harness.generate.columns import BATCH, Column
from tests.harness.generate.moments import Moments
from tests.harness.generate.sources import Row, Source

_TEXTS = (
    *("x", "y", "xy", "", "X", "é", "x_y", "B", "12", " x ", "🦆", "it's", "x%", "x-y-", "aaa"),
    *("-1.5e3", " 7 ", "1_0", "t", "no", "2024-02-29", "1969-12-31T23:00+02", "2023-02-29", "inf"),
)
_FLOATS = (-1.5, -0.0, 0.0, 0.25, 0.5, 1.0, 2.0, 3.75, 100.125)
_HUGE = (1e200, 1e-200, 2.0**40)
_UNKNOWN = (math.nan, math.inf, -math.inf)
_NEAR = {"float": 1e9, "int": 10**9}
"""What numbers of a column lie near to, some of the time: what subtracts their squares is wrong."""
_FAR = (2.0**664, -(2.0**664), 2.0**664, 2.0**700, 0.0)
"""Floats whose products are infinite. Sums of them are exact, in any order."""
_EDGES = ("at", "vf", "taken", "vt", "ver", "seen")
_DELAYS = {
    "2h": timedelta(hours=2),
    "1d": timedelta(days=1),
    "90min": timedelta(minutes=90),
    "6h": timedelta(hours=6),
}

Stored = Mapping[str, list[Row]]
"""Rows of sources, by their short names."""


def make_rows(
    r: Random, source: Source, moments: Moments, most: int, batch: int | None = None
) -> list[Row]:
    """Stored rows; sometimes none."""
    pools = {e.name: e.pool for e in source.entities}
    n = 0 if r.random() < 0.04 else r.randint(1, most)
    rows: list[Row] = []
    levels = {c.name: _level(r, c.kind) for c in source.columns}
    for i in range(n):
        row = {c.name: _nullable(r, c, moments, levels.get(c.name, "")) for c in source.columns}
        for name, roles in source.roles.items():
            for role in roles:
                own = [c for c in role if c != BATCH]
                for column, part in zip(own, r.choice(pools[name]), strict=True):
                    nothing = r.random() < 0.06 and not source.column(column).required
                    row[column] = None if nothing else part
        if "id" in source.fixed:
            row["id"] = i
        if batch is not None:
            row[BATCH] = batch
        rows.append(row)
    rows = source.history.rows(r, rows, source, moments)
    r.shuffle(rows)
    return rows


def marks(source: Source, rows: list[Row]) -> list[datetime]:
    """Times at which rows of a source begin, or end, to be seen."""
    found = []
    after = next((d for n, d in _DELAYS.items() if f"available after {n}" in source.text()), None)
    for row in rows:
        times = [row.get(c) for c in _EDGES]
        found += [t for t in times if t is not None]
        found += [t + after for t in times[:3] if t is not None and after is not None]
    return found


def cleaned(rows: list[Row]) -> list[Row]:
    """Null in place of NaN and infinity."""
    return [{c: None if is_unknown(v) else v for c, v in row.items()} for row in rows]


def is_unknown(value: Any) -> bool:
    return isinstance(value, float) and not math.isfinite(value)


def _level(r: Random, kind: str) -> str:
    """Where the numbers of a column lie: near to each other and not to 0, or far from all."""
    if kind == "float" and r.random() < 0.1:
        return "far"
    return "near" if kind in _NEAR and r.random() < 0.1 else ""


def _nullable(r: Random, column: Column, moments: Moments, level: str = "") -> Any:
    if not column.required and r.random() < 0.15:
        return r.choice(_UNKNOWN) if column.kind == "float" and r.random() < 0.3 else None
    if level == "far" and r.random() < 0.8:
        return r.choice(_FAR)
    found = value(r, column.kind, moments)
    return found + _NEAR[column.kind] if level == "near" and abs(found) < 1e6 else found


def _item(r: Random, kind: str, moments: Moments) -> Any:
    return None if r.random() < 0.1 else value(r, kind, moments)


def value(r: Random, kind: str, moments: Moments) -> Any:
    """A value of a kind; few different ones, so that there are ties."""
    rare = r.random() < 0.04
    match kind:
        case "int":
            return r.choice((2**31, -(2**53) - 1, 10**15)) if rare else r.randint(-4, 12)
        case "dec":
            if rare:
                return Decimal("-9999999999.99")
            return Decimal(r.choice((-250, -1, 0, 5, 10, 15, 100, 999, 1250))) / 100
        case "float":
            return r.choice(_HUGE if rare else _FLOATS)
        case "text":
            return r.choice(_TEXTS)
        case "bool":
            return r.random() < 0.5
        case "ts":
            return moments.some()
        case "ints" | "texts" | "vector":
            item = {"ints": "int", "texts": "text", "vector": "float"}[kind]
            size = r.choice((0, 1, 2, 2, 2, 3))
            return [_item(r, item, moments) for _ in range(size)]
        case "numbers":
            return {r.choice(_TEXTS): _item(r, "int", moments) for _ in range(r.choice((0, 1, 3)))}
        case _:
            day = moments.some().date()
            return r.choice((day, day, date(2024, 2, 29), date(1969, 12, 31)))
