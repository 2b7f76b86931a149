"""`featc compile` for engines: dialects, macros, training sets, schemas."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Featc


def test_a_dialect_that_nobody_ran_is_not_offered(featc: Featc, shop: Path) -> None:
    result = featc("compile", "--dialect", "redshift", cwd=shop)

    assert (result.status, result.out) == (2, "")
    assert result.errors == ["error: statements are not written for `redshift`"]
    assert "the dialects are: duckdb, postgres" in result.err


def test_postgres_reads_tables_of_the_source_schema(featc: Featc, shop: Path) -> None:
    named = featc("compile", "--dialect", "postgres", "--source-schema", 'raw "x"', cwd=shop)
    searched = featc("compile", "--dialect", "postgres")

    assert named.status == searched.status == 0
    assert 'FROM "raw ""x"""."sales"' in named.out
    assert 'FROM "sales"' in searched.out
    assert '-- reads the tables of the schema raw "x": sales;' in named.out


def test_duckdb_reads_tables_where_a_schema_is_named_and_files_where_none_is(
    featc: Featc, shop: Path
) -> None:
    tables = featc("compile", "--source-schema", "raw", cwd=shop).out
    files = featc("compile").out

    assert 'FROM "raw"."sales"' in tables and "sales.parquet" not in tables
    assert "sales.parquet" in files
    assert "-- files are named from the project's data folder on: run it there\n" in files


@pytest.mark.parametrize(
    ("dialect", "begins", "says"),
    [
        ("duckdb", 'CREATE OR REPLACE MACRO "made"."spend"("as_of") AS TABLE', "parameter as_of"),
        (
            "postgres",
            'CREATE OR REPLACE FUNCTION "made"."spend"("as_of" TIMESTAMP) RETURNS TABLE',
            "parameter as_of",
        ),
    ],
)
def test_a_macro_takes_the_as_of_time(
    featc: Featc, shop: Path, dialect: str, begins: str, says: str
) -> None:
    out = featc("compile", "--as", "macro", "--dialect", dialect, "--schema", "made", cwd=shop).out

    assert "".join(begins.split()) in "".join(out.split())
    assert f"-- as of: the {says}, a timestamp in UTC\n" in out
    assert "2026-10-01 00:00:00" not in out  # of featc.toml


def test_a_macro_with_a_time_is_a_mistake_of_usage(featc: Featc, shop: Path) -> None:
    result = featc("compile", "--as", "macro", "--as-of", "2026-01-01", cwd=shop)

    assert (result.status, result.out) == (2, "")
    assert result.errors == ["error: a macro is called with its as-of time"]


@pytest.mark.parametrize(("dialect", "parameter"), [("duckdb", "$as_of"), ("postgres", "$1")])
def test_a_parameter_is_written_as_the_engine_has_it(
    featc: Featc, shop: Path, dialect: str, parameter: str
) -> None:
    out = featc("compile", "--as-of", "param", "--dialect", dialect, cwd=shop).out

    assert f"CAST({parameter} AS TIMESTAMP)" in out
    assert f"-- as of: the parameter {parameter}, a timestamp in UTC\n" in out


@pytest.mark.parametrize("dialect", ["duckdb", "postgres"])
@pytest.mark.parametrize(
    "arguments",
    [["--as", "dataset"], ["churn", "--as", "dataset"], ["retail.churn"]],
    ids=["all", "short", "full"],
)
def test_a_training_set_is_one_statement(
    featc: Featc, quickstart: Path, arguments: list[str], dialect: str
) -> None:
    result = featc("compile", *arguments, "--dialect", dialect, cwd=quickstart)

    assert result.status == 0
    assert result.out.startswith("-- retail.churn: training set, ")
    assert "-- as of: the column reviewed_at of each row of the spine\n" in result.out
    assert result.out.count(";\n") == 1


def test_a_group_and_a_training_set_go_to_files_of_their_own(
    featc: Featc, quickstart: Path
) -> None:
    result = featc("compile", "spend", "churn", "--as", "table", "--out", "sql", cwd=quickstart)

    assert result.err == "wrote sql/spend.sql\nwrote sql/churn.sql\n"
    assert 'CREATE OR REPLACE TABLE "retail"."churn"' in Path("sql/churn.sql").read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["spend", "--as", "dataset"], "no training set is called `spend`"),
        (["churn", "--as", "macro"], "a training set has the times of its own spine"),
        (["churn", "--as-of", "2026-01-01"], "a training set has the times of its own spine"),
    ],
)
def test_what_a_training_set_cannot_be_is_a_mistake_of_usage(
    featc: Featc, quickstart: Path, arguments: list[str], said: str
) -> None:
    result = featc("compile", *arguments, cwd=quickstart)

    assert (result.status, result.out) == (2, "")
    assert result.errors == [f"error: {said}"]


def test_without_a_training_set_none_is_compiled(featc: Featc, shop: Path) -> None:
    result = featc("compile", "--as", "dataset", cwd=shop)

    assert (result.status, result.out) == (2, "")
    assert result.errors == ["error: there is no training set"]


@pytest.mark.parametrize("dialect", ["duckdb", "postgres"])
def test_a_secret_value_stays_out_of_sql(featc: Featc, shop: Path, dialect: str) -> None:
    path = shop / "shop.feat"
    path.write_text(path.read_text().replace("param floor", "secret param floor"))

    result = featc("compile", "--dialect", dialect, "--param", "floor=7.77", cwd=shop)

    assert (result.status, result.out) == (1, "")
    assert "which would show the secret `floor`" in result.err
    assert "7.77" not in result.err


def test_a_secret_place_stays_out_of_sql_that_reads_files(featc: Featc, shop: Path) -> None:
    path = shop / "shop.feat"
    text = path.read_text().replace('"sales.parquet"', '"{$place}/sales.parquet"')
    path.write_text(f'{text}\n## Where it is.\nsecret param place: text = "data"\n')

    files = featc("compile", "--param", "place=S3CR3T", cwd=shop)
    tables = featc("compile", "--param", "place=S3CR3T", "--dialect", "postgres")

    assert (files.status, files.out) == (1, "")
    assert "which would show the secret `place`" in files.err
    assert tables.status == 0
    assert "S3CR3T" not in files.err + tables.out + tables.err
