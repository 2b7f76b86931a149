"""Views, tables and functions in Postgres: right values for any time, texts that stay texts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from featdsl.compiler.embed import Shape, render_statement
from tests.dialects.evil import EXPECTED, ROWS, TIMES, compiled
from tests.dialects.two_engines import store

pytestmark = pytest.mark.engine

SCHEMA = 'raw "data"; --'


@pytest.fixture(scope="module")
def engine(postgres):
    program = compiled().program
    store(postgres, program, "shop.orders", ROWS, SCHEMA)
    return postgres


def statement(**settings) -> str:
    return render_statement(
        compiled().program,
        "shop.spend",
        **{"dialect": "postgres", "source_schema": SCHEMA, **settings},
    )


@pytest.mark.parametrize("as_of", TIMES, ids=str)
def test_a_select_gives_the_values_of_its_time(engine, as_of) -> None:
    assert engine.execute(statement(as_of=as_of)).fetchall() == EXPECTED[as_of]


@pytest.mark.parametrize("as_of", TIMES, ids=str)
def test_a_parameter_is_the_first_of_the_protocol(engine, as_of) -> None:
    import psycopg

    with psycopg.RawCursor(engine) as cursor:
        rows = cursor.execute(statement(as_of="param"), [as_of]).fetchall()

    assert rows == EXPECTED[as_of]


def test_psql_prepares_a_statement_with_a_parameter(engine) -> None:
    engine.execute(f"PREPARE spend AS {statement(as_of='param')}")

    assert engine.execute("EXECUTE spend('2026-10-01')").fetchall() == EXPECTED[TIMES[0]]


def test_a_function_is_called_with_any_time(engine) -> None:
    text = statement(as_of="param", shape=Shape.MACRO, schema='my "schema"')
    for _ in range(2):  # again over what is there
        engine.execute(text)

    for as_of in TIMES:
        rows = engine.execute('SELECT * FROM "my ""schema""".spend(%s)', [as_of]).fetchall()
        assert rows == EXPECTED[as_of]
    said = engine.execute(
        "SELECT obj_description(oid, 'pg_proc') FROM pg_proc WHERE proname = 'spend'"
    ).fetchall()
    assert said[0][0].startswith("It's '; DROP TABLE orders; -- */ /*")


@pytest.mark.parametrize("shape", [Shape.VIEW, Shape.TABLE])
def test_a_view_or_table_has_its_values_and_says_what_it_is(engine, shape) -> None:
    schema = f'my "{shape}s"'
    text = statement(as_of=TIMES[0], shape=shape, schema=schema)
    for _ in range(2):
        engine.execute(text)

    quoted = '"' + schema.replace('"', '""') + '"."spend"'
    rows = engine.execute(f"SELECT * FROM {quoted}").fetchall()
    said = engine.execute(
        "SELECT attname, col_description(attrelid, attnum) FROM pg_attribute "
        "WHERE attrelid = %s::regclass AND attnum > 0",
        [quoted],
    ).fetchall()

    assert rows == EXPECTED[TIMES[0]]
    assert dict(said)["total_7d"].startswith("The sum; it's '); DROP TABLE orders; -- */ /*. ")
    assert dict(said)["customer_id"] == "Key of customer"


def test_columns_come_out_in_their_declared_types(engine) -> None:
    engine.execute(statement(as_of="now", shape=Shape.VIEW, schema="typed"))

    found = engine.execute(
        "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute "
        "WHERE attrelid = 'typed.spend'::regclass AND attnum > 0"
    ).fetchall()

    assert dict(found) == {
        "customer_id": "bigint",
        "total_7d": "numeric(14,2)",
        "total_90d": "numeric(14,2)",
        "kind": "text",
        "odd": "bigint",
        "first_said": "text",
        "as_of_last": "timestamp without time zone",
        "heavy": "double precision",
    }


@pytest.mark.parametrize("zone", ["UTC", "America/Lima", "Asia/Kolkata"])
def test_times_with_a_zone_are_those_of_utc_in_any_session(engine, zone) -> None:
    text = """
namespace shop
entity customer { key customer_id: int }
source visits { from csv "x.csv"  key customer_id  time at  entity customer
  columns { customer_id: int  at: timestamp } }
features seen for customer from visits { last_seen = last(at) }
"""
    engine.execute("CREATE SCHEMA IF NOT EXISTS zoned; DROP TABLE IF EXISTS zoned.visits")
    engine.execute("CREATE TABLE zoned.visits (customer_id int, at timestamptz)")
    at = datetime(2026, 9, 30, 23, 30, tzinfo=UTC)
    engine.execute("INSERT INTO zoned.visits VALUES (1, %s)", [at])
    engine.execute(f"SET TimeZone = '{zone}'")
    rendered = render_statement(
        compiled(text).program,
        "shop.seen",
        as_of=TIMES[0],
        dialect="postgres",
        source_schema="zoned",
    )

    assert engine.execute(rendered).fetchall() == [(1, datetime(2026, 9, 30, 23, 30))]


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
    engine.execute("CREATE TABLE spend_keys AS SELECT unnest(ARRAY[1, 2]) AS customer_id")
    rendered = render_statement(
        compiled(text).program, "shop.spend", as_of=TIMES[0], dialect="postgres"
    )

    assert engine.execute(rendered).fetchall() == [(1, 1), (2, 0)]


def test_an_as_of_join_takes_the_newest_row_and_a_tie_of_modes_the_first_by_code_point(
    engine,
) -> None:
    text = """
namespace shop
entity customer { key customer_id: int }
source buys { from csv "a.csv"  key id  time at  entity customer
  columns { id: int  customer_id: int  at: timestamp  sku: int } }
source prices { from csv "b.csv"  key sku, at  time at available after 1h
  columns { sku: int  at: timestamp  price: decimal(8, 2)  grade: text } }
view priced from buys {
  join prices as p on sku = p.sku
  let price = p.price
  let grade = p.grade
}
features paid for customer from priced {
  total = sum(price)
  grade = mode(grade)
}
"""
    engine.execute("CREATE SCHEMA joined")
    engine.execute("CREATE TABLE joined.buys (id int, customer_id int, at timestamp, sku int)")
    engine.execute("CREATE TABLE joined.prices (sku int, at timestamp, price numeric, grade text)")
    engine.execute(
        "INSERT INTO joined.buys VALUES (1, 1, '2026-01-02', 7), (2, 1, '2026-01-03', 7), "
        "(3, 1, '2026-01-03 00:30', 8), (4, 2, '2026-01-03', 9)"
    )
    engine.execute(
        "INSERT INTO joined.prices VALUES (7, '2026-01-01', 1, 'a'), "
        "(7, '2026-01-02 00:30', 2, 'B'), (8, '2026-01-03', 100, 'Z')"
    )
    rendered = render_statement(
        compiled(text).program,
        "shop.paid",
        as_of=TIMES[0],
        dialect="postgres",
        source_schema="joined",
    )

    rows = engine.execute(rendered).fetchall()

    assert [(k, float(t) if t is not None else t, g) for k, t, g in rows] == [
        (1, 3.0, "B"),
        (2, None, None),
    ]
