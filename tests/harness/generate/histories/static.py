"""Static rows: the same at every time, one for each key."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.harness.generate.histories.parts import one_each
from tests.harness.generate.moments import Moments
from tests.harness.generate.sources import History, Row, Source


def _static(r: Random, source: Source) -> None:
    one_each(source)


def _single(r: Random, rows: list[Row], source: Source, moments: Moments) -> list[Row]:
    """One row for each value of the columns that have one; null ones are no keys."""
    assert source.single is not None
    found: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        key = tuple(row[c] for c in source.single)
        found.setdefault(key, row)
    return list(found.values())


HISTORIES = [History("static", 2, _static, _single, joined=True, lists=True)]
