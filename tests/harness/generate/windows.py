"""Windows as they are written, and what a family's member is called after one."""

from __future__ import annotations

import re
from datetime import timedelta

PLAIN = ("7d", "1d", "30d", "90min", "1w", "500ms")
CALENDAR = ("1month", "1quarter", "1year", "2month", "3month..1month", "1month..=1d")
ENDS = ("14d..7d", "7d..=0d", "7d<..0d", "7d<..=0d")
OPEN = ("lifetime", "lifetime..7d", "lifetime..=1month", "lifetime..=0d")
ALIGNED = (
    "7d aligned 1d",
    "lifetime aligned 1w",
    "30d..7d aligned 1month",
    "1month..=0d aligned 15min",
    "1d aligned 6h",
    "1quarter aligned 1year",
    "lifetime..=0d aligned 1quarter",
)
SINCE = (
    "since start of month",
    "since start of day",
    "since start of year",
    "since start of week aligned 1d",
    "since start of quarter aligned 6h",
)
WINDOWS = (*PLAIN, *CALENDAR, *ENDS, *OPEN, *ALIGNED, *SINCE)

SHORT = (*PLAIN, *ENDS, "7d aligned 6h", "1d..=0d aligned 15min", "since start of day")
"""Windows of fixed lengths, and others that end and begin near to t."""

CAPPED = (
    "last 3 events",
    "last 1 events in 7d",
    "last 2 events in 30d..7d",
    "last 5 events in 1month aligned 1d",
    "last 2 events aligned 1w",
    "last 1000 events in lifetime..=1d",
)
"""Windows for rows that have a total order."""

STEPS = ("1d", "1w", "1month", "6h", "15min")
"""What the windows of a group may be aligned to."""

LENGTHS = [timedelta(days=d) for d in (0, 1, 7, 14, 30, 31, 90)] + [timedelta(minutes=90)]
"""How far before an as-of time windows end: where rows of an edge lie."""

RECENT = ("7d", "30d")
"""Windows of the constant `$recent`."""


def suffix(window: str) -> str:
    """What a family's member is called after its family."""
    window = window.partition(" aligned ")[0]
    if window.startswith("since start of "):
        return f"_{window.removeprefix('since start of ')}"
    capped = re.fullmatch(r"last (\d+) events(?: in (.*))?", window)
    if capped is not None:
        return f"_last_{capped[1]}{'' if capped[2] is None else suffix(capped[2])}"
    found = re.fullmatch(r"(\w+)(<?\.\.=?)?(\w+)?", window)
    assert found is not None
    start, dots, end = found.groups()
    if end is None or (end == "0d" and not dots.endswith("=")):
        return f"_{start}"
    return f"_{start}_{end}"
