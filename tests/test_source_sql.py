"""SQL of a source: what is read, what may stand in it, and what is told."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from featdsl.api import project as projects
from featdsl.api.errors import RunError
from featdsl.compiler.pipeline import compile_project
from featdsl.diagnostics.render.text import render_text
from featdsl.files.digest import sha256
from tests.support.shop import codes, published, run, shop, told

MAKE = """
COPY (SELECT * FROM (VALUES
  (1, 1, TIMESTAMP '2026-01-10 10:00:00', 'paid'),
  (2, 1, TIMESTAMP '2026-01-20 10:00:00', 'open'),
  (3, 2, TIMESTAMP '2026-01-25 10:00:00', 'paid'))
  AS t(order_id, customer_id, ordered_at, status))
TO '{folder}/orders.parquet' (FORMAT parquet);
COPY (SELECT * FROM (VALUES
  (1, 10.00::DECIMAL(12, 2)), (1, 0.25), (2, 20.50)) AS t(order_id, price))
TO '{folder}/lines-1.parquet' (FORMAT parquet);
COPY (SELECT 3 AS order_id, NULL::DECIMAL(12, 2) AS price)
TO '{folder}/lines-2.parquet' (FORMAT parquet)
"""
QUERY = """
WITH paid AS (SELECT order_id, sum(price) AS total FROM 'lines-*.parquet' GROUP BY order_id)
SELECT o.order_id, o.customer_id, o.ordered_at, cast(p.total AS DECIMAL(12, 2)) AS amount, o.status
FROM 'orders.parquet' AS o JOIN paid AS p ON o.order_id = p.order_id
"""


def sql_shop(folder: Path, query: str = QUERY):
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute(MAKE.format(folder=data))
    return shop(folder, location=f'sql """{query}"""', data={})


def test_rows_of_a_query_are_read_and_its_files_are_hashed(tmp_path: Path) -> None:
    project = sql_shop(tmp_path)

    outcome = run(project)

    assert codes(outcome) == [], told(outcome, project)
    rows = published(project).rows
    assert [(k, str(spend), n) for k, spend, n in rows] == [(1, "30.75", 2), (2, "None", 1)]
    (used,) = outcome.record.inputs
    assert (used.kind, used.rows) == ("sql", 3)
    names = ["lines-1.parquet", "lines-2.parquet", "orders.parquet"]
    hashes = [(n, sha256(tmp_path / "data" / n)) for n in names]
    assert [(f.path, f.sha256) for f in used.files] == hashes


def test_no_sql_to_embed_makes_the_rows(tmp_path: Path) -> None:
    sql_shop(tmp_path)
    loaded = projects.load(tmp_path)

    with pytest.raises(RunError) as caught:
        loaded.sql("spend")

    assert "FD0501" in str(caught.value)
    assert "no SQL of `shop.spend` can read the rows of `orders`" in str(caught.value)
    embedded = loaded.sql("spend", source_schema="raw")
    assert "-- reads the tables of the schema raw: orders;" in embedded
    assert "parquet" not in embedded.lower()


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT 1; SELECT 2", "one SELECT is needed, and nothing besides"),
        ("COPY (SELECT 1) TO 'x.parquet'", "one SELECT is needed"),
        ("DELETE FROM 'x.parquet'", "one SELECT is needed"),
        ("SELECT FROM WHERE (", "this is no SQL"),
        ("SELECT * FROM read_csv('/etc/passwd')", "is no file: write `'sales.parquet'`"),
        ("SELECT * FROM '/etc/passwd'", "is no Parquet file"),
        ("SELECT * FROM orders", "`orders` is no Parquet file"),
        ("SELECT * FROM main.orders", "is no file"),
        ("SELECT getenv('HOME') AS a", "may not stand in it"),
        ("SELECT random() AS a FROM 'orders.parquet'", "may not stand in it"),
        ("SELECT now() AS a FROM 'orders.parquet'", "may not stand in it"),
        ("SELECT current_date AS a FROM 'orders.parquet'", "may not stand in it"),
        ("SELECT * FROM 'orders.parquet' LIMIT 1", "`LIMIT 1` may not stand in it"),
        ("SELECT * FROM 'orders.parquet' USING SAMPLE 1", "may not stand in it"),
        ("SELECT row_number() OVER () AS n FROM 'orders.parquet'", "may not stand in it"),
        ("SELECT DISTINCT ON (a) a, b FROM 'orders.parquet'", "may not stand in it"),
        ("SELECT * FROM 'a.parquet' POSITIONAL JOIN 'b.parquet'", "may not stand in it"),
        ("SELECT a FROM 'a.parquet' ASOF JOIN 'b.parquet' USING (a)", "may not stand in it"),
        ("SELECT filename AS a FROM 'orders.parquet'", "may not stand in it"),
        ("WITH \"a.parquet\" AS (SELECT 1 AS a) SELECT a FROM 'a.parquet'", "the name of a file"),
        ("SELECT " + "a" * 20_000, "characters, and 20,000 are read at most"),
        ("SELECT any_value(a) AS n FROM 'orders.parquet'", "may not stand in it"),
        ("WITH RECURSIVE c AS (SELECT 1 AS n) SELECT n FROM c", "it may not be recursive"),
    ],
)
def test_what_may_not_stand_in_a_query_is_an_error_of_the_text(
    tmp_path: Path, query: str, message: str
) -> None:
    project = sql_shop(tmp_path, query)

    compilation = compile_project(project.texts, project.options)

    assert [d.code.id for d in compilation.diagnostics if d.severity == "error"] == ["FD0309"]
    assert message in render_text(compilation.diagnostics, project.readable)


def test_nothing_is_filled_in(tmp_path: Path) -> None:
    project = sql_shop(tmp_path, "SELECT * FROM '{$folder}/orders.parquet'")

    compilation = compile_project(project.texts, project.options)

    assert "FD0308" in [d.code.id for d in compilation.diagnostics]


@pytest.mark.parametrize(
    ("query", "code", "message"),
    [
        ("SELECT * FROM '../orders.parquet'", "FD0704", "leads out"),
        ("SELECT * FROM 'order.parquet'", "FD0701", "there is no file `order.parquet`"),
        ("SELECT nothing FROM 'orders.parquet'", "FD0702", "the SQL of `orders` cannot be"),
        ("SELECT cast(status AS int) AS n FROM 'orders.parquet'", "FD0702", "cannot be computed"),
        ("SELECT order_id FROM 'orders.parquet'", "FD0705", "`the SQL of orders` has 1 column"),
    ],
)
def test_what_a_query_cannot_read_is_told(
    tmp_path: Path, query: str, code: str, message: str
) -> None:
    project = sql_shop(tmp_path, query)

    outcome = run(project)

    assert set(codes(outcome)) == {code}, told(outcome, project)
    assert message in told(outcome, project)


def test_a_value_that_does_not_fit_is_told(tmp_path: Path) -> None:
    project = sql_shop(tmp_path, QUERY.replace("cast(p.total AS DECIMAL(12, 2))", "p.total / 3"))

    outcome = run(project)

    assert codes(outcome) == ["FD0707"]
    assert "of the SQL of orders" in told(outcome, project)
