"""The values of features/flights against plain loops and correlated subqueries.

With FEATC_TRUTH=full the labels of all rows of the training set are compared, not of 200.
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

from tests.independent import flights_sql, flights_truth
from tests.independent.adapter import copy_project, featc_values, training_rows
from tests.independent.compare import Values, differences, differences_between, dull, same
from tests.independent.seen import micros

FULL = os.environ.get("FEATC_TRUTH") == "full"
TIMES = (
    datetime(2013, 1, 1, 12),  # the second hour of the year's flights
    datetime(2013, 1, 31, 13, 10),  # a weather report is out this minute
    datetime(2013, 3, 10, 7),  # the clock is set forward
    datetime(2013, 3, 11, 4),  # the midnight after
    datetime(2013, 4, 30, 23, 59, 59, 999999),
    datetime(2013, 6, 8, 10),  # flights leave at 6:00 every day: now, and as each window starts
    datetime(2013, 7, 10, 22, 47),
    datetime(2013, 8, 1),
    datetime(2013, 11, 3, 5, 30),  # the clock shows 1:30 for the first time
    datetime(2013, 11, 3, 6, 30),  # and again
    datetime(2013, 12, 1),
    datetime(2014, 1, 5),  # after all there is
)
PAIRS = {"carrier": 120, "plane": 600, "airport": 30, "route": 250}
SPINE = {"carrier": 60, "plane": 60, "airport": 20, "route": 60}

Pairs = dict[str, list[tuple[Any, datetime]]]


@pytest.fixture(scope="module")
def world() -> Iterator[flights_truth.World]:
    # Two million objects that stay: the collector need not look at them again and again.
    gc.disable()
    world = flights_truth.load()
    gc.freeze()
    gc.enable()
    yield world
    gc.unfreeze()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_project("flights", tmp_path_factory.mktemp("flights"))


@pytest.fixture(scope="module")
def computed(project: Path) -> dict[datetime, Values]:
    return {t: featc_values(project, t) for t in TIMES}


@pytest.fixture(scope="module")
def pairs(world: flights_truth.World) -> Pairs:
    rng = random.Random(20131201)
    keys: dict[str, list[Any]] = {
        "carrier": [*sorted(world.airlines), "ZZ"],
        "plane": sorted(world.departures["plane"].keys() | world.planes.keys()),
        "airport": ["EWR", "JFK", "LGA", "BOS"],
        "route": [*sorted(world.departures["route"]), ("JFK", "LGA")],
    }
    return {
        entity: rng.sample([(key, t) for key in keys[entity] for t in TIMES], count)
        for entity, count in PAIRS.items()
    }


@pytest.fixture(scope="module")
def expected(
    world: flights_truth.World, pairs: Pairs
) -> dict[tuple[str, Any, datetime], dict[str, Any] | None]:
    return {
        (group, key, t): values(world, key, micros(t))
        for entity, asked in pairs.items()
        for key, t in asked
        for group, values in flights_truth.GROUPS[entity].items()
    }


def test_a_thousand_random_values_equal_plain_loops(computed, pairs, expected):
    assert sum(len(asked) for asked in pairs.values()) == 1000

    found = [
        line
        for (group, key, t), row in expected.items()
        for line in differences(f"{group}[{key}]@{t}", computed[t][group].get(key), row)
    ]

    assert found == []


def test_no_feature_is_always_null_or_always_the_same(expected):
    for groups in flights_truth.GROUPS.values():
        for group in groups:
            rows = [row for (of, _, _), row in expected.items() if of == group and row is not None]

            assert (group, dull(rows)) == (group, [])


def test_every_group_is_compared(computed):
    groups = {group for groups in flights_truth.GROUPS.values() for group in groups}

    for values in computed.values():
        assert set(values) == groups


def test_the_population_is_what_is_known_at_the_time(computed, world):
    populations = {
        "carrier": set(world.airlines),
        "plane": set(world.planes),
    }
    for t, values in computed.items():
        for entity, groups in flights_truth.GROUPS.items():
            for group in groups:
                there = populations.get(entity) or _keys_seen(world, entity, group, t)

                assert (t, group, set(values[group])) == (t, group, there)


def _keys_seen(world: flights_truth.World, entity: str, group: str, t: datetime) -> set[Any]:
    by_key: dict[Any, Any] = world.departures[entity]
    if group == "airport_weather":
        by_key = world.weather
    now = micros(t)
    return {key for key, rows in by_key.items() if any(row.known_at <= now for row in rows)}


def test_correlated_subqueries_give_the_same_values(computed, pairs):
    connection = flights_sql.connect(flights_truth.raw_folder())
    wrong = []
    compared = set()
    try:
        for entity, count in SPINE.items():
            spine = pairs[entity][:count]
            for (group, feature), values in flights_sql.values(connection, entity, spine).items():
                compared.add((group, feature))
                for (key, t), value in zip(spine, values, strict=True):
                    row = computed[t][group].get(key)
                    if row is not None and not same(row[feature], value):
                        wrong.append((group, feature, key, t, row[feature], value))
    finally:
        connection.close()

    assert wrong == []
    assert len(compared) >= 20


@pytest.mark.parametrize("until", [None, datetime(2013, 6, 5, 4, 59)])
def test_the_training_set_of_weeks_equals_plain_loops(project, world, until):
    known = flights_truth.known_until(world) if until is None else micros(until)
    options = [] if until is None else ["--labels-until", until.isoformat()]

    rows = training_rows(project, "flights.carrier_weeks", *options)

    first = datetime(2013, 2, 4, 5)
    mondays = [first + timedelta(weeks=n) for n in range(48)]
    asked = [(row["carrier"], row["as_of"]) for row in rows]
    assert sorted(asked) == [(c, t) for c in sorted(world.airlines) for t in mondays]
    some = random.Random(20130204).sample(rows, 60)
    found = [
        line
        for row in some
        for line in differences(
            f"{row['carrier']}@{row['as_of']}",
            row,
            flights_truth.carrier_weeks(world, row["carrier"], micros(row["as_of"]), known),
        )
    ]
    assert found == []
    assert dull(some) == []
    labels = ("bad_week", "late_share_next", "cancelled_next")
    for row in rows if FULL else random.Random(20130205).sample(rows, 200):
        key, t = row["carrier"], micros(row["as_of"])
        truth = flights_truth.carrier_outlook(world, key, t, known)
        assert differences(f"{key}@{row['as_of']}", {n: row[n] for n in labels}, truth) == []


def test_rows_added_after_the_as_of_time_change_nothing(computed, project, tmp_path):
    t = datetime(2013, 6, 8, 10)
    later = copy_project("flights", tmp_path, prepared=project)
    _add_later_rows(later / "target" / "prepared", t)

    assert differences_between(computed[t], featc_values(later, t)) == []


def _add_later_rows(data: Path, t: datetime) -> None:
    """Copy rows to lie at or after t, or to become known after it, with values that would show."""
    import duckdb

    with duckdb.connect() as connection:
        connection.execute("set variable t = ?::timestamp", [t])
        for name, added in LATER_ROWS.items():
            path = data / f"{name}.parquet"
            connection.execute("set variable path = ?", [str(path)])
            connection.execute(f"create table {name} as from read_parquet(getvariable('path'))")
            connection.execute(f"insert into {name} by name {added}")
            connection.table(name).write_parquet(str(path))


LATER_ROWS = {
    # A third is scheduled for exactly t, a third after it, a third before it but known after it.
    "departures": """
        select * replace (
          1000000 + flight_id as flight_id, 1200 as dep_delay, false as cancelled, 4999 as distance,
          case flight_id % 3 when 0 then getvariable('t')
            when 1 then getvariable('t') + to_minutes(flight_id % 1000)
            else getvariable('t') - to_minutes(1 + flight_id % 1000) end as sched_dep,
          getvariable('t') + to_minutes(1 + flight_id % 1000) as known_at)
        from departures where flight_id % 10 = 0""",
    "arrivals": """
        select * replace (
          1000000 + flight_id as flight_id, 1200 as arr_delay, 1 as air_time,
          case flight_id % 2 when 0 then getvariable('t')
            else getvariable('t') + to_minutes(flight_id % 10000) end as landed_at)
        from arrivals where flight_id % 10 = 0""",
    # Known exactly ten minutes after they are observed: at t or later.
    "weather": """
        select * replace (
          getvariable('t') - interval 599 seconds + to_minutes(row_number() over (
            partition by origin order by observed_at)::int - 1) as observed_at,
          -99.0 as temp, 9.99 as precip, 0.0 as visib, 99.0 as wind_speed, 0.1 as pressure)
        from weather""",
}
