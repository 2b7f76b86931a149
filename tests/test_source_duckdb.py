"""Tables of DuckDB files: what is read, what is refused, and where."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from featdsl.api import project as projects
from featdsl.files.digest import sha256
from tests.support.shop import codes, published, run, shop, told

MAKE = """
CREATE TABLE orders AS SELECT * FROM (VALUES
  (1, 1::SMALLINT, TIMESTAMPTZ '2026-01-10 10:00:00+00', 10.25::DECIMAL(20, 4), 'paid'),
  (2, 1::SMALLINT, TIMESTAMPTZ '2026-01-20 10:00:00+00', 20.5::DECIMAL(20, 4), 'open'),
  (3, 2::SMALLINT, TIMESTAMPTZ '2026-01-25 10:00:00+00', NULL, 'paid'))
  AS t(order_id, customer_id, ordered_at, amount, status);
CREATE SCHEMA raw;
CREATE TABLE raw.bought AS SELECT * FROM orders WHERE order_id = 1;
CREATE VIEW seen AS SELECT * FROM orders;
"""


def duckdb_shop(
    tmp_path: Path, options: str = 'table = "orders"', more: str = "", file: str = "orders.duckdb"
):
    folder = tmp_path / "data"
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(folder / "orders.duckdb")) as connection:
        connection.execute(MAKE + more)
    return shop(tmp_path, location=f'duckdb "{file}" ({options})', data={})


def test_rows_of_a_table_are_read_and_the_file_is_hashed(tmp_path: Path) -> None:
    project = duckdb_shop(tmp_path)
    file = tmp_path / "data" / "orders.duckdb"
    before = sha256(file)

    outcome = run(project)

    assert codes(outcome) == []
    rows = published(project).rows
    assert [(k, str(spend), n) for k, spend, n in rows] == [(1, "30.75", 2), (2, "None", 1)]
    (used,) = outcome.record.inputs
    assert (used.kind, used.location, used.rows) == ("duckdb", "orders.duckdb", 3)
    assert [(f.path, f.sha256) for f in used.files] == [("orders.duckdb", before)]
    assert sha256(file) == before
    assert sorted(p.name for p in file.parent.iterdir()) == ["orders.duckdb"]


def test_a_table_of_another_schema_is_named_with_it(tmp_path: Path) -> None:
    project = duckdb_shop(tmp_path, 'table = "bought", schema = "raw"')

    assert codes(run(project)) == []
    assert [row[0] for row in published(project).rows] == [1]


def test_a_value_that_does_not_fit_is_told_with_its_row(tmp_path: Path) -> None:
    more = "INSERT INTO orders VALUES (4, 1, '2026-01-26 10:00:00+00', 1.2345, 'paid');"
    project = duckdb_shop(tmp_path, more=more)

    outcome = run(project)

    assert codes(outcome) == ["FD0707"]
    assert "row 4 of orders.duckdb" in told(outcome, project)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ('table = "order"', "`orders.duckdb` has no table `order`: views are not read"),
        ('table = "seen"', "`orders.duckdb` has no table `seen`: views are not read"),
        ('table = "orders", schema = "raw"', "has no table `raw.orders`"),
    ],
)
def test_a_table_that_is_not_there_is_told(tmp_path: Path, options: str, message: str) -> None:
    project = duckdb_shop(tmp_path, options)

    outcome = run(project)

    assert codes(outcome) == ["FD0702"]
    assert message in told(outcome, project)


def test_the_nearest_table_is_named(tmp_path: Path) -> None:
    project = duckdb_shop(tmp_path, 'table = "order"')

    assert "did you mean `orders`?" in told(run(project), project)


def test_changes_in_a_log_beside_the_file_stop_the_run(tmp_path: Path) -> None:
    project = duckdb_shop(tmp_path)
    file = tmp_path / "data" / "orders.duckdb"
    killed = """
import duckdb, os, sys
held = duckdb.connect(sys.argv[1])
held.execute("INSERT INTO orders SELECT * FROM raw.bought")
os._exit(0)
"""
    subprocess.run([sys.executable, "-c", killed, str(file)], check=True, env=dict(os.environ))

    outcome = run(project)

    assert codes(outcome) == ["FD0702"]
    assert "`orders.duckdb.wal` beside it" in told(outcome, project)


def test_a_file_outside_the_data_folder_is_not_read(tmp_path: Path) -> None:
    project = duckdb_shop(tmp_path, file="../orders.duckdb")

    assert codes(run(project)) == ["FD0704"]


def test_what_is_no_database_stops_the_run(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        location='duckdb "orders.duckdb" (table = "orders")',
        data={"orders.duckdb": "no database" * 1000},
    )

    outcome = run(project)

    assert codes(outcome) == ["FD0702"]
    assert "`orders.duckdb` cannot be read as duckdb" in told(outcome, project)


def test_compiled_sql_reads_the_same_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    duckdb_shop(tmp_path)
    text = projects.load(tmp_path).sql("spend", as_of="2026-02-01")

    monkeypatch.chdir(tmp_path / "data")
    with duckdb.connect() as connection:
        rows = connection.execute(text).fetchall()

    assert [(k, str(spend), n) for k, spend, n in rows] == [(1, "30.75", 2), (2, "None", 1)]
