"""Features of other groups, entities, times and peers are the same on Postgres."""

from __future__ import annotations

from datetime import timedelta

import duckdb
import pytest

from featdsl.compiler.embed import render_dataset, render_statement
from tests.dialects.two_engines import differing, store
from tests.test_across_random import DAY, World

pytestmark = pytest.mark.engine

GROUPS = ("p.standing", "p.crowd", "p.total", "p.spend")
TYPES = {"int": "bigint", "text": "varchar"}


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_values_of_other_keys_are_the_same(postgres, seed: int) -> None:
    world = World.of(seed)
    program = world.compiled.program
    stored = {
        "p.cards": world.cards,
        "p.stores": world.stores,
        "p.sales": world.sales,
        "p.asked": world.asked,
    }
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("CREATE SCHEMA raw")
        for name, rows in stored.items():
            store(postgres, program, name, rows, "raw")
            columns = program.sources[name].columns.values()
            types = ", ".join(f"{c.name} {TYPES.get(str(c.dtype), str(c.dtype))}" for c in columns)
            connection.execute(f"CREATE TABLE raw.{program.sources[name].short} ({types})")
            marks = ", ".join("?" * len(columns))
            if rows:
                connection.executemany(
                    f"INSERT INTO raw.{program.sources[name].short} VALUES ({marks})", rows
                )
        for name in GROUPS:
            at = DAY + timedelta(hours=150)
            here, there = (
                render_statement(program, name, as_of=at, dialect=d, source_schema="raw")
                for d in ("duckdb", "postgres")
            )
            assert differing(connection.execute(here).fetchall(), rows_of(postgres, there)) == []
        if not world.column:
            here, there = (
                render_dataset(program, "p.learn", dialect=d, source_schema="raw")
                for d in ("duckdb", "postgres")
            )
            assert differing(connection.execute(here).fetchall(), rows_of(postgres, there)) == []


def rows_of(postgres, text: str) -> list[tuple[object, ...]]:
    return postgres.execute(text).fetchall()
