"""Forty features from practice (`features/forty`): they run on made data, and the oracle agrees."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

import featdsl
from featdsl.cli.main import run
from featdsl.compiler.options import Options
from featdsl.compiler.pipeline import compile_project
from featdsl.ir.program import Program, Source
from featdsl.reference.casts import cast
from featdsl.reference.oracle import Oracle
from featdsl.reference.spine import training_rows
from featdsl.text.sources import SourceSet
from tests.harness.case import Table
from tests.harness.compare import different, same
from tests.independent import adapter

# Rows can be seen two hours late, and these look at less: the compiler warns of them.
WITHIN_THE_DELAY = {"review.spend.last_two_in_2min", "review.cards.merchants_1h"}
TIMES = (datetime(2024, 1, 15), datetime(2024, 3, 4, 18, 45), datetime(2024, 3, 20, 12))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return adapter.copy_project("forty", tmp_path_factory.mktemp("forty"))


@pytest.fixture(scope="module")
def program(project: Path) -> Program:
    texts = {p.name: p.read_text(encoding="utf-8") for p in sorted(project.glob("*.feat"))}
    compiled = compile_project(
        SourceSet.of(texts), Options(project="forty", timezone="Asia/Kolkata")
    )
    assert [d for d in compiled.diagnostics if d.severity == "error"] == []
    return compiled.program


def rows_of(source: Source, data: Path) -> list[dict[str, Any]]:
    """A file's rows in the declared types."""
    path = str(data / source.location.argument)
    mark = source.location.options.get("delimiter", ",")
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        if source.location.kind == "csv":
            query = "from read_csv(?, header = true, all_varchar = true, delim = ?)"
            found = connection.execute(query, [path, mark])
        else:
            found = connection.execute("from read_parquet(?)", [path])
        names = [column[0] for column in found.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    return [{n: _typed(row[n], c.dtype) for n, c in source.columns.items()} for row in rows]


def _typed(value: Any, dtype: Any) -> Any:
    return tuple(value) if isinstance(value, list) else cast(value, dtype)


@pytest.fixture(scope="module")
def tables(program: Program, project: Path) -> dict[str, list[dict[str, Any]]]:
    return {name: rows_of(s, project / "data") for name, s in program.sources.items()}


@pytest.fixture(scope="module")
def computed(project: Path, program: Program) -> dict[datetime, dict[str, Table]]:
    """Values of every group, as runs publish them, by time and group."""
    return {at: published(project, program, at) for at in TIMES}


def published(project: Path, program: Program, at: datetime) -> dict[str, Table]:
    out = project / f"out {at:%d}"
    ran = ["run", "--project", str(project), "--as-of", at.isoformat(), "--out", str(out)]
    assert run(ran) == 0
    found: dict[str, Table] = {}
    for path in out.glob("data/*/v1/*/values.parquet"):
        group = path.parents[2].name
        keys = len(program.entities[program.groups[group].entity].keys)
        with duckdb.connect() as connection:
            result = connection.execute("from read_parquet(?)", [str(path)])
            names = [column[0] for column in result.description or ()][keys:]
            rows = result.fetchall()
        found[group] = {row[:keys]: dict(zip(names, row[keys:], strict=True)) for row in rows}
    assert set(found) == set(program.groups)
    return found


@pytest.mark.parametrize("at", TIMES, ids=str)
def test_every_group_has_the_oracles_values(computed, program, tables, at):
    oracle = Oracle(program, tables)

    found = []
    for group, actual in computed[at].items():
        known = {n for row in actual.values() for n in row}
        wanted = {
            key: {n: v for n, v in row.items() if n in known}
            for key, row in oracle.values(group, at).items()
        }
        found += different(program, group, wanted, actual)

    assert found == []


def test_no_feature_is_one_and_the_same_for_all(computed):
    values: dict[str, set[str]] = {}
    for groups in computed.values():
        for group, rows in groups.items():
            for row in rows.values():
                for name, value in row.items():
                    values.setdefault(f"{group}.{name}", set()).add(repr(value))

    assert {name for name, seen in values.items() if len(seen) < 2} == WITHIN_THE_DELAY


@pytest.mark.parametrize("name", ["churn", "cart"])
def test_rows_of_a_training_set_have_the_oracles_values(project, program, tables, name):
    result = featdsl.load(project).training_set(name)
    expected = training_rows(Oracle(program, tables), f"review.{name}")

    actual = [dict(zip(result.columns, row, strict=True)) for row in result.rows()]

    assert len(actual) == len(expected) > 40
    columns = program.datasets[f"review.{name}"].columns
    different_cells = [
        (i, column.name, row.values[column.name], actual[i][column.name])
        for i, row in enumerate(expected)
        for column in columns
        if column.feature is not None
        and not same(
            row.values[column.name], actual[i][column.name], program.feature(column.feature)
        )
    ]
    assert different_cells == []


def test_the_projects_own_tests_pass(project):
    assert run(["test", "--project", str(project)]) == 0
