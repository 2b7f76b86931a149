"""Cells of `quickstart` as `featc run` and `featc train` publish them, beside the oracle.

A value of a key rests on its own rows alone, so that the oracle reads those of a few customers.
"""

from __future__ import annotations

import random
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from featdsl.compiler.options import Options
from featdsl.compiler.pipeline import compile_project
from featdsl.ir.program import Program, Source
from featdsl.reference.casts import cast
from featdsl.reference.oracle import Oracle
from featdsl.reference.spine import training_rows
from featdsl.text.sources import SourceSet
from tests.independent import adapter
from tests.independent.compare import same

TIMES = (
    datetime(2026, 6, 15, 12, 30),
    datetime(2026, 8, 15),
    datetime(2026, 10, 1, 1),
    datetime(2026, 11, 20),
)
CUSTOMERS = 12


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return adapter.copy_project("quickstart", tmp_path_factory.mktemp("quickstart"))


@pytest.fixture(scope="module")
def program(project: Path) -> Program:
    texts = {p.name: p.read_text(encoding="utf-8") for p in sorted(project.glob("*.feat"))}
    return compile_project(SourceSet.of(texts), Options(project="quickstart")).program


def rows_of(source: Source, data: Path) -> list[dict[str, Any]]:
    """A file's rows in the declared types, which the oracle's casts give them."""
    reader = "read_csv(?, header = true, all_varchar = true)"
    query = reader if source.location.kind == "csv" else "read_parquet(?)"
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        found = connection.execute(f"from {query}", [str(data / source.location.argument)])
        names = [column[0] for column in found.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    return [{n: cast(row[n], c.dtype) for n, c in source.columns.items()} for row in rows]


@pytest.fixture(scope="module")
def tables(program: Program, project: Path) -> dict[str, list[dict[str, Any]]]:
    return {name: rows_of(s, project / "data") for name, s in program.sources.items()}


@pytest.fixture(scope="module")
def customers(tables) -> list[int]:
    all_of_them = sorted({row["customer_id"] for row in tables["retail.customers"]})
    return random.Random(5).sample(all_of_them, CUSTOMERS)


@pytest.fixture(scope="module")
def few(tables, customers) -> dict[str, list[dict[str, Any]]]:
    return {
        name: [row for row in rows if row.get("customer_id", customers[0]) in customers]
        for name, rows in tables.items()
    }


@pytest.mark.parametrize("at", TIMES, ids=str)
def test_a_run_publishes_what_the_oracle_gives(project, program, few, at):
    published = adapter.featc_values(project, at)
    oracle = Oracle(program, few)
    differences, cells = [], 0

    for group in program.groups.values():
        for (key,), values in oracle.values(group.name, at).items():
            for name, value in values.items():
                cells += 1
                actual = published[group.short][key][name]
                if not same(actual, value):
                    differences.append(f"{group.short}.{name} of {key}: {actual!r}, not {value!r}")

    assert not differences
    assert cells > CUSTOMERS


def test_a_training_set_holds_what_the_oracle_gives(project, program, tables, few, customers):
    published = adapter.training_rows(project, "retail.churn")
    until = Oracle(program, tables).until("retail.lines")
    expected = training_rows(Oracle(program, few, until=until), "retail.churn")

    actual = [row for row in published if row["customer_id"] in customers]

    assert len(expected) == len(actual) > 0
    for want, got in zip(expected, actual, strict=True):
        assert list(want.values) == list(got)
        wrong = {n: (got[n], v) for n, v in want.values.items() if not same(got[n], v)}
        assert not wrong, (want.key, want.at)
