"""The values of features/quickstart against plain loops over its data files."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.independent import quickstart_truth
from tests.independent.adapter import copy_project, featc_values, training_rows
from tests.independent.compare import Values, differences, differences_between, dull

AS_OF = datetime(2026, 10, 1)
TIMES = (
    datetime(2026, 6, 1),  # before anything was sold
    datetime(2026, 6, 15, 12, 30),
    datetime(2026, 7, 4, 2),
    datetime(2026, 8, 1),
    datetime(2026, 8, 15),
    datetime(2026, 9, 4, 23, 59, 59, 999999),
    AS_OF,
    datetime(2026, 10, 1, 1),  # a sale of two hours ago is seen
    datetime(2026, 10, 2, 11),  # a correction of two hours ago is seen
    datetime(2026, 11, 20),  # after all there is
)
CUSTOMER = 17826162
PAIRS = 300


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_project("quickstart", tmp_path_factory.mktemp("quickstart"))


@pytest.fixture(scope="module")
def world(project: Path) -> quickstart_truth.World:
    return quickstart_truth.load(project / "data")


@pytest.fixture(scope="module")
def computed(project: Path) -> dict[datetime, Values]:
    return {t: featc_values(project, t) for t in TIMES}


@pytest.fixture(scope="module")
def pairs(world: quickstart_truth.World) -> list[tuple[int, datetime]]:
    rng = random.Random(20261001)
    customers = [*sorted(world.customers), 1]  # nobody holds card 1
    others = [(key, t) for key in customers for t in TIMES if key != CUSTOMER]
    return rng.sample(others, PAIRS - len(TIMES)) + [(CUSTOMER, t) for t in TIMES]


def test_three_hundred_random_values_equal_plain_loops(computed, pairs, world):
    found = [
        line
        for key, t in pairs
        for group, truth in quickstart_truth.GROUPS.items()
        for line in differences(
            f"{group}[{key}]@{t}", computed[t][group].get(key), truth(world, key, t)
        )
    ]

    assert found == []


def test_no_feature_is_always_null_or_always_the_same(pairs, world):
    for group, truth in quickstart_truth.GROUPS.items():
        rows = [row for key, t in pairs if (row := truth(world, key, t)) is not None]

        assert (group, dull(rows)) == (group, [])


def test_the_population_is_who_holds_a_card_at_the_time(computed, world):
    for t, values in computed.items():
        there = {key for key in world.customers if quickstart_truth.card_at(world, key, t)}

        for group in quickstart_truth.GROUPS:
            assert (t, group, set(values[group])) == (t, group, there)


def test_the_customer_of_the_talk_bought_15_percent_premium_and_5_percent_imported(computed):
    row = computed[AS_OF]["spend"][CUSTOMER]

    assert (row["premium_txn_share"], row["imported_spend_share"]) == (0.15, 0.05)


@pytest.mark.parametrize("t", [datetime(2026, 8, 15), AS_OF])
def test_a_correction_made_after_the_as_of_time_changes_nothing(computed, project, tmp_path, t):
    corrected = copy_project("quickstart", tmp_path, prepared=project)
    _correct_everything(corrected / "data" / "transactions", made=t - timedelta(hours=2))

    assert differences_between(computed[t], featc_values(corrected, t)) == []


def test_a_correction_made_in_time_shows(computed, project, tmp_path):
    corrected = copy_project("quickstart", tmp_path, prepared=project)
    made = AS_OF - timedelta(hours=2, microseconds=1)
    _correct_everything(corrected / "data" / "transactions", made=made)
    world = quickstart_truth.load(corrected / "data")

    values = featc_values(corrected, AS_OF)["spend"]

    found = [
        line
        for key in sorted(world.customers)
        for line in differences(
            f"spend[{key}]", values.get(key), quickstart_truth.spend(world, key, AS_OF)
        )
    ]
    assert found == []
    assert values[CUSTOMER]["spend_90d"] != computed[AS_OF]["spend"][CUSTOMER]["spend_90d"]


@pytest.mark.parametrize("until", [None, datetime(2026, 10, 3), datetime(2026, 8, 20, 13)])
def test_every_row_of_the_training_set_equals_plain_loops(project, world, until):
    known = quickstart_truth.known_until(world) if until is None else until
    options = [] if until is None else ["--labels-until", until.isoformat()]

    rows = training_rows(project, "retail.churn", *options)

    spine = quickstart_truth.reviews(project / "data")
    features = list(rows[0])[3:-3]
    expected = [quickstart_truth.churn(world, asked, known, features) for asked in spine]
    assert (len(rows), len(features)) == (620, 21)
    found = [
        line
        for n, (row, truth) in enumerate(zip(rows, expected, strict=True))
        for line in differences(f"row {n}", row, truth)
    ]
    assert found == []
    assert dull(expected) == []
    ripe = [n for n, asked in enumerate(spine) if _is_ripe(asked["reviewed_at"], known)]
    mature = training_rows(project, "retail.churn", "--mature", *options)
    assert mature == [rows[n] for n in ripe]


def _is_ripe(t, known):
    return t is not None and t + timedelta(days=30, hours=2) <= known


def _correct_everything(transactions: Path, *, made: datetime) -> None:
    """Give every line a version just after `made` that says it was paid, for 1.00 INR."""
    import duckdb

    with duckdb.connect() as connection:
        connection.execute("set variable made = ?::timestamp", [made])
        for path in sorted(transactions.glob("*.parquet")):
            connection.execute("set variable path = ?", [str(path)])
            connection.execute(
                "create or replace table lines as from read_parquet(getvariable('path'))"
            )
            connection.execute(CORRECTIONS)
            connection.table("lines").write_parquet(str(path))


CORRECTIONS = """
insert into lines by name
select * replace (
  getvariable('made') + interval 1 microsecond as updated_at, 'paid' as status, 1.00 as amount)
from (select distinct on (txn_id) * from lines order by txn_id, updated_at desc)
where updated_at <= getvariable('made') and sold_at <= getvariable('made')
"""
