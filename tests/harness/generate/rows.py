"""Random rows that keep what their source declares, and every edge of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
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

Stored = Mapping[str, list[Row]]
"""Rows of sources, by their short names."""


def make_rows(
    r: Random, source: Source, moments: Moments, most: int, batch: int | None = None
) -> list[Row]:
    """Stored rows; sometimes none."""
    pools = {e.name: e.pool for e in source.entities}
    n = 0 if r.random() < 0.04 else r.randint(1, most)
    rows: list[Row] = []
    for i in range(n):
        row = {c.name: _nullable(r, c, moments) for c in source.columns}
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


def cleaned(rows: list[Row]) -> list[Row]:
    """Null in place of NaN and infinity."""
    return [{c: None if is_unknown(v) else v for c, v in row.items()} for row in rows]


def is_unknown(value: Any) -> bool:
    return isinstance(value, float) and not math.isfinite(value)


def _nullable(r: Random, column: Column, moments: Moments) -> Any:
    if not column.required and r.random() < 0.15:
        return r.choice(_UNKNOWN) if column.kind == "float" and r.random() < 0.3 else None
    return value(r, column.kind, moments)


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
