"""Two roles, a union, composite keys, `join many` and chains of keys against plain loops."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

import featdsl
from tests.independent.compare import differences, dull
from tests.independent.market_project import COLUMNS, START, TEXT, made
from tests.independent.market_truth import Market

TYPES = {
    "int": pa.int64(),
    "text": pa.string(),
    "time": pa.timestamp("us"),
    "money": pa.decimal128(8, 2),
    "mills": pa.decimal128(10, 3),
}
AS_OF = START + timedelta(days=11)
PREFIXES = {"sold": "s_", "back": "b_", "home": "h_"}


def frame(rows: list[dict[str, Any]], columns: dict[str, str]) -> pa.Table:
    return pa.table(
        {c: pa.array([r.get(c) for r in rows], TYPES[kind]) for c, kind in columns.items()}
    )


@pytest.fixture(scope="module")
def tables() -> dict[str, list[dict[str, Any]]]:
    return made(5)


@pytest.fixture(scope="module")
def market(tables) -> Market:
    return Market(tables)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> featdsl.Project:
    folder = tmp_path_factory.mktemp("market")
    (folder / "featc.toml").write_text('[project]\nname = "market"\n', encoding="utf-8")
    (folder / "market.feat").write_text(TEXT, encoding="utf-8")
    return featdsl.load(folder)


@pytest.fixture(scope="module")
def sources(tables) -> dict[str, pa.Table]:
    return {name: frame(rows, COLUMNS[name]) for name, rows in tables.items()}


def rows_of(result: featdsl.Result) -> list[dict[str, Any]]:
    return result.arrow().to_pylist(maps_as_pydicts="strict")


def test_what_a_thing_of_two_keys_is_at_one_time(project, sources, market):
    result = project.snapshot("demand", as_of=AS_OF, sources=sources)
    computed = {(r.pop("shop"), r.pop("item")): r for r in rows_of(result)}
    things = {r["thing"] for r in market.orders(AS_OF)} - {None}

    found = [
        line
        for key in things | computed.keys()
        for line in differences(str(key), computed.get(key), market.demand(key, AS_OF))
    ]

    assert computed.keys() == things
    assert found == []


def test_each_row_of_a_spine_has_what_plain_loops_give(project, sources, market):
    rng = random.Random(7)
    times = [r["at"] for r in market.orders(datetime(2025, 1, 1))]
    spine = [
        {
            "person_id": rng.choice([*market.people, None, 77]),
            "as_of": rng.choice(times) + timedelta(hours=rng.choice([0, 1, 240])),
        }
        for _ in range(120)
    ]

    result = project.training_set(
        "learnt", spine=frame(spine, {"person_id": "int", "as_of": "time"}), sources=sources
    )

    expected = []
    for row in spine:
        key, t = row["person_id"], row["as_of"]
        known = key in market.people
        expected.append(
            row
            | {
                PREFIXES.get(group, "") + name: value if known else None
                for group, values in market.groups.items()
                for name, value in values(key if known else 0, t).items()
            }
        )
    computed = rows_of(result)
    assert len(computed) == len(expected)
    found = [
        line
        for i, (row, truth) in enumerate(zip(computed, expected, strict=True))
        for line in differences(f"row {i}", row, truth)
    ]
    assert found == []
    assert dull(expected) == []
