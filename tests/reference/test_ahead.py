"""Rows that are seen before their time, at many times: on rows of which most lie ahead."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from featdsl.ir.program import Program, Source
from featdsl.types.dtype import Kind
from tests.harness import training
from tests.harness.case import Case, Spine, compiled
from tests.harness.engine import Engine
from tests.harness.tally import Tally

PROGRAMS = Path(__file__).parent / "programs"
BASE = datetime(2024, 1, 1)
DAYS = 12
TRIALS = 10
LEAST_FILLED = 0.05
"""A share of cells."""


def _stored(r: Random, program: Program) -> dict[str, list[dict[str, Any]]]:
    return {name: list(_rows(r, source)) for name, source in program.sources.items()}


def _rows(r: Random, source: Source) -> Iterator[dict[str, Any]]:
    """Rows of few keys that fulfil what a source says of itself."""
    found: list[dict[str, Any]] = []
    for number in range(r.choice((4, 8, 12))):
        row = {c: _value(r, source, c, number) for c in source.columns}
        identity = list(source.key)
        if source.snapshot is not None:
            identity = [*source.key, source.snapshot.column]
        elif source.keep is not None:
            identity = [*source.keep.per, *source.keep.by[:1]]
        elif source.valid is not None:
            identity = []
            end = row["to_at"]
            if end is not None and end <= row["from_at"]:
                continue
            if any(_overlap(row, other) for other in found):
                continue
        if identity and any(all(o[c] == row[c] for c in identity) for o in found):
            continue
        found.append(row)
    yield from found


def _overlap(a: dict[str, Any], b: dict[str, Any]) -> bool:
    def begins_before(x: dict[str, Any], y: dict[str, Any]) -> bool:
        return y["to_at"] is None or x["from_at"] < y["to_at"]

    return a["k"] == b["k"] and begins_before(a, b) and begins_before(b, a)


def _value(r: Random, source: Source, name: str, number: int) -> Any:
    column = source.columns[name]
    if not column.required and r.random() < 0.04:
        return None
    if name == "seen" or (name == "since" and source.short == "versions"):
        return BASE + timedelta(days=r.randrange(4))
    if name == "at":
        return BASE + timedelta(days=r.randrange(2, DAYS + 4))
    if column.dtype.kind is Kind.TIMESTAMP:
        return BASE + timedelta(days=r.randrange(DAYS), hours=r.choice((0, 0, 6)))
    match name:
        case "id":
            return number
        case "customer_id":
            return r.choice((0, 0, 1))
        case "n":
            return r.randrange(4)
        case "k":
            return r.randrange(2)
        case _:
            return r.choice((0, 1, 1, 2, 3))


@pytest.mark.parametrize(
    ("name", "short", "listed"),
    [
        *(("ahead", short, short == "f") for short in "abcdefhij"),
        *(("ahead_lookups", short, False) for short in "abcdefghikl"),
        *(("ahead_lookups", short, True) for short in "aij"),
    ],
)
def test_each_time_has_what_was_known_then(name: str, short: str, listed: bool) -> None:
    text = (PROGRAMS / f"{name}.feat").read_text(encoding="utf-8")
    program, engine, tally = compiled(text, "UTC"), Engine(), Tally()
    asked = [("x", 0, BASE + timedelta(days=d)) for d in range(DAYS)]
    for seed in range(TRIALS):
        r = Random(seed)
        case = Case(
            "training",
            text,
            "UTC",
            _stored(r, program),
            BASE,
            population=listed,
            spine=Spine("p.customer", asked),
            group=f"p.{short}",
        )
        found = training.differences(program, engine, case, tally)
        assert not found, (seed, found)
    print(tally)
    assert tally.filled >= LEAST_FILLED * tally.cells
