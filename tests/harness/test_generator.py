"""The generator itself: every construct, and every edge of data, is made often enough."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime
from random import Random

import pytest

from tests.harness import values
from tests.harness.generate.moments import BASES, Moments
from tests.harness.generate.project import make_project
from tests.harness.generate.rows import is_unknown
from tests.harness.generate.sizes import LARGE, SMALL, TINY
from tests.harness.generate.windows import LENGTHS

PROJECTS = 240
CONSTRUCTS = {
    "windows with other ends": r"\.\.=?\d|<\.\.",
    "calendar windows": r"over \d?(month|quarter|year)",
    "steps": r"aligned \d",
    "a step for a group": r"features .* aligned ",
    "since": r"since start of",
    "the newest n": r"last \d+ events",
    "families": r"\w\[",
    "for": r"for \w in",
    "per": r" per ",
    "session": r"session\(",
    "previous": r"previous\(",
    "lists": r"collect|top_k",
    "maps": r"histogram",
    "other groups": r"\bg\d\.\w",
    "ago": r" ago\b",
    "among": r" among ",
    "via": r" via ",
    "views": r"^view ",
    "joins": r"join .* on",
    "versions": r"keep last",
    "first versions": r"keep first",
    "removed rows": r"removed when",
    "snapshots": r"snapshot taken",
    "validity": r"valid vf to vt",
    "delays": r"available after",
    "availability": r"available seen",
    "ties": r"then int_",
    "dropped rows": r"drop when",
    "populations": r"from pop",
    "two roles": r"for e\d\(",
    "composite keys": r"key \S+: \w+  key",
    "batches": r"key batch",
    "functions": r"^fn ",
    "parameters": r"\$p_",
}
LEAST = 4
"""Projects of so many that have a construct."""


@pytest.fixture(scope="module")
def projects():
    found = []
    for seed in range(PROJECTS):
        r = Random(seed)
        size = r.choice((TINY, SMALL, LARGE))
        found.append(make_project(r, size, batched=r.random() < 0.5))
    return found


@pytest.mark.parametrize("construct", CONSTRUCTS)
def test_every_construct_is_made(projects, construct):
    pattern = re.compile(CONSTRUCTS[construct], re.MULTILINE)
    assert sum(pattern.search(p.text) is not None for p in projects) >= LEAST


def test_every_edge_of_data_is_made(projects):
    counts: Counter[str] = Counter()
    for seed, project in enumerate(projects):
        r = Random(seed)
        base = r.choice(BASES)
        edges = {base - length for length in LENGTHS}
        for rows in values.make_stored(r, project, Moments(r, base, LENGTHS)).values():
            counts["no rows"] += not rows
            times = [row["at"] for row in rows if row.get("at") is not None]
            counts["rows of one time"] += len(set(times)) < len(times)
            for row in rows:
                counts["rows"] += 1
                late = row.get("seen") is not None and row.get("at") is not None
                counts["late"] += late and row["seen"] > row["at"]
                counts["early"] += late and row["seen"] < row["at"]
                for value in row.values():
                    counts["cells"] += 1
                    counts["null"] += value is None
                    counts["no number"] += is_unknown(value)
                    if isinstance(value, datetime):
                        counts["times"] += 1
                        counts["at an end of a window"] += value in edges
                        counts["before 1970"] += value.year < 1970
                        counts["29 February"] += (value.month, value.day) == (2, 29)
                        counts["the last day of a month"] += value.day >= 30
    print(counts)
    assert counts["no rows"] >= 5
    for edge in ("rows of one time", "no number", "before 1970", "29 February"):
        assert counts[edge] >= 20, edge
    assert counts["at an end of a window"] >= 0.1 * counts["times"]
    assert counts["null"] >= 0.05 * counts["cells"]
    assert min(counts["late"], counts["early"]) >= 50
    assert counts["the last day of a month"] >= 100


def test_keys_that_read_alike_are_made(projects):
    pools = [e.pool for p in projects for e in p.entities]
    assert (
        sum(
            "".join(map(str, a)) == "".join(map(str, b)) and a != b
            for pool in pools
            for a in pool[:1]
            for b in pool[1:2]
        )
        >= LEAST
    )


def test_zones_are_made(projects):
    assert len({p.zone for p in projects}) >= 4
