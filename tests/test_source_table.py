"""Sources that are tables of the engine: where a run finds them, and what SQL says of them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from featdsl.compiler.embed import render_statement
from featdsl.diagnostics.failure import Failure
from featdsl.files.digest import sha256
from featdsl.project.load import Project, load_project
from tests.support.shop import codes, compiled, published, run, shop, told

MAKE = """
CREATE SCHEMA raw;
CREATE TABLE raw.bought AS SELECT * FROM (VALUES
  (1, 1, TIMESTAMP '2026-01-10 10:00:00', 10.25::DECIMAL(12, 2), 'paid'),
  (2, 1, TIMESTAMP '2026-01-20 10:00:00', 20.50::DECIMAL(12, 2), 'open'))
  AS t(order_id, customer_id, ordered_at, amount, status);
CREATE TABLE orders AS SELECT * FROM raw.bought WHERE order_id = 1;
"""
DATABASE = '[targets.dev]\ndatabase = "shop.duckdb"\n'


def table_shop(folder: Path, name: str = "raw.bought", settings: str = DATABASE) -> Project:
    (folder / "data").mkdir(parents=True)
    with duckdb.connect(str(folder / "data" / "shop.duckdb")) as connection:
        connection.execute(MAKE)
    return shop(folder, location=f'table "{name}"', data={}, settings=settings)


def sql(project: Project, dialect: str, schema: str | None = None) -> str:
    return render_statement(
        compiled(project).program,
        "shop.spend",
        as_of=datetime(2026, 2, 1),
        dialect=dialect,
        source_schema=schema,
    )


def test_a_run_finds_it_in_the_database_of_its_target(tmp_path: Path) -> None:
    project = table_shop(tmp_path)

    outcome = run(project)

    assert codes(outcome) == []
    assert [(k, str(spend), n) for k, spend, n in published(project).rows] == [(1, "30.75", 2)]
    (used,) = outcome.record.inputs
    assert [(f.path, f.sha256) for f in used.files] == [
        ("shop.duckdb", sha256(tmp_path / "data" / "shop.duckdb"))
    ]


def test_without_a_schema_it_is_the_main_one(tmp_path: Path) -> None:
    project = table_shop(tmp_path, "orders")

    assert codes(run(project)) == []
    assert [n for _, _, n in published(project).rows] == [1]


def test_a_run_without_a_database_says_what_it_lacks(tmp_path: Path) -> None:
    project = table_shop(tmp_path, settings="")

    outcome = run(project)

    assert codes(outcome) == ["FD0739"]
    assert '`database = "shop.duckdb"`' in told(outcome, project)


def test_a_table_that_is_not_there_is_named(tmp_path: Path) -> None:
    project = table_shop(tmp_path, "raw.brought")

    outcome = run(project)

    assert codes(outcome) == ["FD0702"]
    assert "`shop.duckdb` has no table `raw.brought`" in told(outcome, project)


def test_a_database_outside_of_the_data_folder_is_refused(tmp_path: Path) -> None:
    project = table_shop(tmp_path / "shop", settings=DATABASE.replace("shop.d", "../shop.d"))

    assert codes(run(project)) == ["FD0704"]


@pytest.mark.parametrize("dialect", ["duckdb", "postgres"])
def test_sql_reads_the_table_that_is_named(tmp_path: Path, dialect: str) -> None:
    project = table_shop(tmp_path)

    assert '"raw"."bought"' in sql(project, dialect)
    assert '"raw"."bought"' in sql(project, dialect, "other")


def test_the_header_names_the_tables(tmp_path: Path) -> None:
    project = table_shop(tmp_path)

    assert "-- reads the tables: raw.bought; with the columns" in sql(project, "duckdb")
    assert "-- reads the tables of the schema x: raw.bought;" in sql(project, "postgres", "x")


@pytest.mark.parametrize("dialect", ["duckdb", "postgres"])
def test_a_table_without_a_schema_is_in_that_of_the_sources(tmp_path: Path, dialect: str) -> None:
    project = table_shop(tmp_path, "bought")

    assert '"other"."bought"' in sql(project, dialect, "other")
    assert '"bought"' in sql(project, dialect)


def test_its_sql_runs_where_a_step_would_have_its_name(tmp_path: Path) -> None:
    project = table_shop(tmp_path, "orders")
    with duckdb.connect(str(tmp_path / "data" / "shop.duckdb"), read_only=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        rows = connection.execute(sql(project, "duckdb")).fetchall()

    assert [(key, str(spend), count) for key, spend, count in rows] == [(1, "10.25", 1)]


TWO = """\
namespace {name}
source orders {{
  from parquet "{name}.parquet"
  time ordered_at
  entity customer
  columns {{ customer_id: int required  ordered_at: timestamp required }}
}}
"""


def test_two_sources_of_one_name_are_not_read_from_one_table(tmp_path: Path) -> None:
    text = TWO.format(name="shop").replace(
        "source", "entity customer { key customer_id: int }\nsource"
    )
    union = "view all from orders, web.orders { }\n"
    project = shop(
        tmp_path,
        text=f"{text}\n{union}features spend for customer from all {{ n = count() over 30d }}\n",
        data={},
    )
    other = TWO.format(name="web").replace("entity customer", "entity shop.customer")
    (tmp_path / "web.feat").write_text(other)
    project = load_project(tmp_path)

    with pytest.raises(Failure) as refused:
        sql(project, "postgres", "raw")

    (found,) = refused.value.diagnostics
    assert found.code.id == "FD0738"
    assert found.message == (
        "`shop.orders` and `web.orders` would both be read from the table `orders`"
    )
