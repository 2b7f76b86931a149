"""Views, tables and macros in DuckDB: right values for any time, texts that stay texts."""

from __future__ import annotations

import duckdb
import pytest

from featdsl.compiler.embed import Shape, render_statement
from tests.dialects.evil import EXPECTED, ROWS, TIMES, compiled

SETTINGS = {"dialect": "duckdb", "source_schema": "raw data"}


@pytest.fixture
def engine():
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute('CREATE SCHEMA "raw data"')
        connection.execute(
            'CREATE TABLE "raw data"."orders" (order_id bigint, customer_id bigint, '
            '"As Of" timestamp, "say ""hi""; --" varchar, amount decimal(12, 2), weight double)'
        )
        connection.executemany('INSERT INTO "raw data"."orders" VALUES (?, ?, ?, ?, ?, ?)', ROWS)
        yield connection


def statement(**settings) -> str:
    return render_statement(compiled().program, "shop.spend", **{**SETTINGS, **settings})


@pytest.mark.parametrize("as_of", TIMES, ids=str)
def test_a_select_gives_the_values_of_its_time(engine, as_of) -> None:
    rows = engine.execute(statement(as_of=as_of)).fetchall()

    assert rows == EXPECTED[as_of]


@pytest.mark.parametrize("as_of", TIMES, ids=str)
def test_a_parameter_is_handed_in_by_name(engine, as_of) -> None:
    rows = engine.execute(statement(as_of="param"), {"as_of": as_of}).fetchall()

    assert rows == EXPECTED[as_of]


def test_a_macro_is_called_with_any_time(engine) -> None:
    engine.execute(statement(as_of="param", shape=Shape.MACRO, schema='my "schema"'))

    for as_of in TIMES:
        rows = engine.execute('SELECT * FROM "my ""schema""".spend(?)', [as_of]).fetchall()
        assert rows == EXPECTED[as_of]


@pytest.mark.parametrize("shape", [Shape.VIEW, Shape.TABLE])
def test_a_view_or_table_has_its_values_and_says_what_it_is(engine, shape) -> None:
    text = statement(as_of=TIMES[0], shape=shape, schema='my "schema"')
    for _ in range(2):  # again over what is there
        engine.execute(text)

    rows = engine.execute('SELECT * FROM "my ""schema""".spend').fetchall()
    comments = dict(
        engine.execute(
            "SELECT column_name, comment FROM duckdb_columns() WHERE table_name = 'spend'"
        ).fetchall()
    )

    assert rows == EXPECTED[TIMES[0]]
    assert comments["total_7d"].startswith("The sum; it's '); DROP TABLE orders; -- */ /*. ")
    assert comments["total_7d"].endswith("Unit: it's $sql$.")
    assert comments["customer_id"] == "Key of customer"


@pytest.mark.parametrize("dialect", ["duckdb", "postgres"])
@pytest.mark.parametrize("shape", list(Shape))
def test_every_line_of_a_header_is_a_comment(dialect, shape) -> None:
    as_of = "param" if shape is Shape.MACRO else TIMES[0]
    text = statement(as_of=as_of, shape=shape, dialect=dialect, schema="a\nb", files=["x\n.feat"])

    lines = text.splitlines()
    first = next(line for line in lines if not line.startswith("-- "))

    assert first.split()[0] in ("WITH", "CREATE", "DROP")
    assert lines[1] == "-- made by featc 0.1.0 from x .feat; edit that, not this"


def test_a_step_does_not_hide_a_table_of_its_name(engine) -> None:
    text = """
namespace shop
entity customer { key customer_id: int  from spend_keys }
source spend_rows { from csv "a.csv"  time at  entity customer
  columns { customer_id: int  at: timestamp } }
source spend_keys { from csv "b.csv"  entity customer  columns { customer_id: int } }
features spend for customer from spend_rows { n = count() }
"""
    engine.execute(
        "CREATE TABLE spend_rows AS SELECT 1 AS customer_id, TIMESTAMP '2026-01-01' AS at"
    )
    engine.execute("CREATE TABLE spend_keys AS SELECT unnest([1, 2]) AS customer_id")
    rendered = render_statement(
        compiled(text).program, "shop.spend", as_of=TIMES[0], source_schema="main"
    )

    assert engine.execute(rendered).fetchall() == [(1, 1), (2, 0)]
