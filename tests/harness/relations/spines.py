"""Spines that relations ask with; no relation itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tests.harness.case import Spine
from tests.harness.relations.ground import Ground
from tests.harness.training import DATASET, dataset_of


def asked(g: Ground, rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Values of the group for rows of keys and times, in the order of the text."""
    program = dataset_of(g.group, g.program)
    g.engine.load(program, g.case.stored)
    spine = Spine(g.group.entity, [("a", *row) for row in rows])
    found = g.engine.training(program, DATASET, spine, population=g.case.population)
    width = len(g.program.entities[g.group.entity].keys) + 2
    return [tuple(row[width : width + len(g.group.features)]) for row in found]


def keys_and_times(g: Ground, times: Sequence[datetime]) -> list[tuple[Any, ...]]:
    return [(*key, g.r.choice(times)) for key in g.base]
