"""Edges of data, counted in rows and spines that are made."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.harness.case import Asked

_HOUR = timedelta(hours=1)


def of_value(value: Any, ends: set[datetime], zone: str) -> Iterable[str]:
    """The edges that a cell is of."""
    match value:
        case None:
            yield "null"
        case float():
            yield from ["NaN"] * math.isnan(value) + ["infinity"] * math.isinf(value)
            yield from ["numbers near to each other"] * (1e8 < abs(value) < 1.1e9)
            yield from ["numbers far from all"] * (1.2e200 < abs(value) < math.inf)
        case datetime():
            yield "times"
            yield from ["at an end of a window"] * (value in ends)
            yield from ["beside a change of clocks"] * clocks_change(value, zone)
        case list() | dict():
            yield from ["empty list or map"] * (not value)
            yield from ["null in a list"] * (isinstance(value, list) and None in value)
    if isinstance(value, date):
        yield from ["before 1970"] * (value.year < 1970)
        yield from ["29 February"] * ((value.month, value.day) == (2, 29))
        after = value + timedelta(days=1)
        yield from ["the last day of a month"] * (after.month != value.month)


def clocks_change(value: datetime, zone: str) -> bool:
    """Whether clocks of the zone change within two hours of a time."""
    known = ZoneInfo(zone)
    first, last = (
        (value + d).replace(tzinfo=ZoneInfo("UTC")).astimezone(known).utcoffset()
        for d in (-2 * _HOUR, 2 * _HOUR)
    )
    return first != last


def of_rows(rows: Sequence[Mapping[str, Any]], ends: set[datetime], zone: str) -> Counter[str]:
    """Of the rows of a source."""
    found: Counter[str] = Counter()
    found["no rows"] += not rows
    times = [row["at"] for row in rows if row.get("at") is not None]
    found["rows of one time"] += len(set(times)) < len(times)
    for row in rows:
        known = row.get("seen") is not None and row.get("at") is not None
        found["late rows"] += known and row["seen"] > row["at"]
        found["rows seen early"] += known and row["seen"] < row["at"]
        for value in row.values():
            found["cells"] += 1
            found.update(of_value(value, ends, zone))
    return found


def of_spine(rows: Sequence[Asked]) -> Counter[str]:
    """Of the rows of a spine."""
    found: Counter[str] = Counter()
    asked = Counter(row[1:] for row in rows)
    found["spine rows that stand twice"] += sum(n > 1 for n in asked.values())
    found["spine rows without a time"] += sum(row[-1] is None for row in rows)
    found["spine rows without a key"] += sum(None in row[1:-1] for row in rows)
    return found


def alike(pool: Sequence[tuple[Any, ...]]) -> bool:
    """Whether two keys are the same text when their parts are put together."""
    texts = {key: "".join(map(str, key)) for key in pool if len(key) > 1}
    return len(set(texts.values())) < len(texts)
