"""SQL of training sets whose names are in the way: of tables, columns, keys and features."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

import duckdb
import pytest
from sqlglot import exp

from featdsl.compiler.compilation import Compilation
from featdsl.compiler.pipeline import compile_project
from featdsl.compiler.training import SpineTable, training_query, until_query
from featdsl.diagnostics.render.text import render_text
from featdsl.sql import build
from featdsl.text.sources import SourceSet
from tests.support.training import OPTIONS, training_set

JAN = datetime(2024, 1, 10)


@cache
def compiled(text: str) -> Compilation:
    found = compile_project(SourceSet.of({"p.feat": text}), OPTIONS)
    assert found.ok, render_text(found.diagnostics, found.texts)
    return found


def steps(query: exp.Select) -> list[str]:
    return [cte.alias for cte in query.ctes]


SHOP = """
entity customer { key customer_id: int  from customers }
source customers {
  from csv "customers.csv"
  entity customer
  columns { customer_id: int }
}
source sales {
  from parquet "sales.parquet"
  time sold_at available after 1h
  entity customer
  columns { customer_id: int  sold_at: timestamp required  amount: int }
}
source asked {
  from parquet "asked.parquet"
  entity customer
  columns { customer_id: int  asked_at: timestamp }
}
features spend for customer from sales {
  total = sum(amount) over 30d
  share = total / 2
}
labels outcome for customer from sales { gone = count() = 0 over next 30d }
dataset churn for customer {
  spine   asked at asked_at
  label   gone
  include spend.*
}
"""
NAMES = [
    *("spine", "points", "sales", "SALES", "asked", "Customers", "spend_rows", "spend_30d"),
    *("spend_values", "spend_derived", "Outcome_Rows", "outcome_values", "sales_until"),
    *("sales_seen", "output", "Output", "grid", "point", "row"),
]


@pytest.mark.parametrize("name", NAMES)
def test_no_step_is_called_as_a_table_that_is_read(name: str) -> None:
    program = compiled(SHOP).program
    scans = {s: build.table(name if s == "p.sales" else f"t {s}") for s in program.sources}
    query = training_query(program, "p.churn", scans=scans)

    assert name.lower() not in {step.lower() for step in steps(query)}
    assert sum(t.name == name for t in query.find_all(exp.Table)) >= 1


@pytest.mark.parametrize("name", NAMES)
def test_no_step_is_called_as_the_table_of_a_spine(name: str) -> None:
    with duckdb.connect() as connection:
        connection.execute(
            "create table sales_ (customer_id bigint, sold_at timestamp, amount bigint)"
        )
        connection.execute("insert into sales_ values (1, '2024-01-01', 5)")
        connection.execute("create table customers_ as select 1::bigint as customer_id")
        connection.execute(
            f'create table "{name}" as select 1::bigint as customer_id, '
            "timestamp '2024-01-10' as \"when\", 1 as number"
        )
        spine = SpineTable(
            table=build.table(name),
            columns=("customer_id", "when"),
            keys=("customer_id",),
            time="when",
            row="number",
        )
        scans = {"p.sales": build.table("sales_"), "p.customers": build.table("customers_")}
        query = training_query(compiled(SHOP).program, "p.churn", spine=spine, scans=scans)

        assert name.lower() not in {step.lower() for step in steps(query)}
        assert connection.execute(query.sql("duckdb")).fetchall() == [(1, JAN, 5, 2.5, None)]


def test_no_step_of_the_end_of_labels_is_called_as_a_table() -> None:
    program = compiled(SHOP).program
    query = until_query(program, "p.sales", scans={"p.sales": build.table("Sales_Until")})

    assert {s.lower() for s in steps(query)}.isdisjoint({"sales_until"})


# --- Columns -----------------------------------------------------------------------------------

AWKWARD = """
entity customer {{ key customer_id: int }}
source sales {{
  from parquet "sales.parquet"
  time sold_at available loaded_at
  key  customer_id, sold_at, `{name}`
  entity customer
  columns {{
    customer_id: int  `{name}`: int  sold_at: timestamp required  loaded_at: timestamp
  }}
}}
source asked {{
  from parquet "asked.parquet"
  entity customer
  columns {{ customer_id: int  asked_at: timestamp  `{name}`: text }}
}}
features spend for customer from sales {{
  total  = sum(`{name}`)
  newest = last(`{name}`)
}}
labels outcome for customer from sales {{ most = max(`{name}`) over next 7d }}
dataset churn for customer {{
  spine   asked at asked_at
  label   most
  include spend.*
}}
"""


@pytest.mark.parametrize(
    "name",
    [
        *("point", "Point", "row", "row_2", "seen_from", "seen_to", "asked_at_2"),
        *("split", "until", "number", "total", "newest", "count", "sum_total", "key", "time"),
        *("asked", "sales", "p", 'a "quoted" name', "with spaces", "semi;colon", "naïve"),
        *("dotted.name", "?", "$1", "%s"),
    ],
)
def test_columns_may_be_called_as_what_is_made_for_them(name: str) -> None:
    clash = name in ("total", "newest")
    text = AWKWARD.format(name=name)
    if clash:  # the spine's column and the feature would be two columns of one name
        text = text.replace(f"asked_at: timestamp  `{name}`: text", "asked_at: timestamp")
    day = datetime(2024, 1, 5)
    sales = [
        (1, 3, datetime(2024, 1, 1), datetime(2024, 1, 2)),
        (1, 4, datetime(2024, 1, 4), day),
        (1, 9, datetime(2024, 1, 6), datetime(2024, 1, 20)),
    ]
    asked: list[Any] = [(1, day, "x"), (1, datetime(2024, 1, 4), "y"), (2, day, "z")]
    found = training_set(
        text, {"sales": sales, "asked": [r[: 2 if clash else 3] for r in asked]}, "churn"
    )
    names, rows = found

    assert names == [
        "customer_id",
        "asked_at",
        *([] if clash else [name]),
        "total",
        "newest",
        "most",
    ]
    assert [(r[0], r[1], *r[-3:]) for r in rows] == [
        (1, datetime(2024, 1, 4), 3, 3, 9),
        (1, day, 7, 4, 9),
        (2, day, None, None, None),
    ]


@pytest.mark.parametrize("key", ["point", "as_of_time", "row", "spine", "Points", "seen_from", "n"])
def test_an_entity_may_have_a_key_of_any_name(key: str) -> None:
    text = f"""
entity place {{ key `{key}`: int  from places }}
source places {{
  from csv "places.csv"
  valid from_ts to to_ts
  entity place
  columns {{ `{key}`: int  from_ts: timestamp  to_ts: timestamp  height: int }}
}}
source visits {{
  from parquet "visits.parquet"
  time seen_at
  entity place
  columns {{ `{key}`: int  seen_at: timestamp required }}
}}
features seen for place from visits {{ visits = count() }}
features shape for place from places {{ height = height }}
labels coming for place from visits {{ more = count() over next 1d }}
dataset d for place {{
  spine   every 1d from @2024-01-10 to @2024-01-10
  label   more
  include seen.*, shape.*
}}
"""
    early = datetime(2020, 1, 1)
    rows = {
        "places": [(1, early, None, 7), (2, early, JAN, 8), (3, JAN, None, 9)],
        "visits": [(1, datetime(2024, 1, 9)), (1, JAN), (3, datetime(2024, 1, 12))],
    }
    names, found = training_set(text, rows, "d")

    assert names == [key, "as_of", "visits", "height", "more"]
    assert found == [(1, JAN, 1, 7, 1), (3, JAN, 0, 9, 0)]


# --- Groups ------------------------------------------------------------------------------------


def test_a_feature_may_be_called_as_an_aggregates_column() -> None:
    text = SHOP.replace("total = sum(amount) over 30d", "n = count() over 30d").replace(
        "share = total / 2", "count = n + 1\n  sum_amount = sum(amount) + count"
    )
    rows = {
        "customers": [(1,)],
        "sales": [(1, datetime(2024, 1, 1), 5), (1, datetime(2024, 3, 1), 5)],
        "asked": [(1, JAN)],
    }
    names, found = training_set(text, rows, "churn")

    assert names[2:] == ["n", "count", "sum_amount", "gone"]
    assert found == [(1, JAN, 1, 2, 7, True)]


def test_a_group_without_aggregates_has_values_at_each_row() -> None:
    text = SHOP.replace("total = sum(amount) over 30d", "day = day_of_week(as_of)").replace(
        "share = total / 2", "next = day + 1"
    )
    asked = [(1, JAN), (2, JAN), (None, JAN), (1, datetime(2024, 1, 11))]
    rows = {"customers": [(1,)], "sales": [], "asked": asked}
    names, found = training_set(text, rows, "churn")

    assert names[2:4] == ["day", "next"]
    assert [(r[0], *r[2:]) for r in found] == [
        (1, 3, 4, None),
        (2, None, None, None),
        (None, None, None, None),
        (1, 4, 5, None),
    ]


def test_a_data_set_may_have_one_label_of_its_spine_and_one_feature() -> None:
    text = """
entity customer { key customer_id: int }
source asked {
  from parquet "asked.parquet"
  entity customer
  columns { customer_id: int  asked_at: timestamp  gone: bool }
}
features known for customer from asked { times = count() }
dataset d for customer { spine asked at asked_at  label gone  include known.times }
"""
    rows = {"asked": [(1, JAN, True), (1, datetime(2024, 1, 11), False)]}

    # Rows of a source without a time are always seen: both.
    assert training_set(text, rows, "d") == (
        ["customer_id", "asked_at", "gone", "times"],
        [(1, JAN, True, 2), (1, datetime(2024, 1, 11), False, 2)],
    )


def test_hundreds_of_columns_of_five_groups_come_out_under_their_names() -> None:
    windows = [f"{n}d" for n in range(1, 31)]
    groups = "\n".join(
        f"features g{i} for customer from sales {{\n"
        f"  a{i}[{', '.join(windows)}] = sum(amount where amount != {i})\n"
        f"  b{i}[{', '.join(windows)}] = a{i} + {i}\n}}"
        for i in range(5)
    )
    include = ", ".join(f"g{i}.*" for i in range(5))
    text = SHOP.replace("include spend.*", f"include {include}").replace("  label   gone\n", "")
    sales = [(1, datetime(2024, 1, 10 - n), n) for n in range(1, 10)]
    rows = {"customers": [(1,)], "sales": sales, "asked": [(1, JAN), (1, JAN), (7, JAN)]}
    names, found = training_set(text.replace("dataset", groups + "\ndataset"), rows, "churn")

    expected: dict[str, int | None] = {}
    for i in range(5):
        for n in range(1, 31):
            amounts = [k for k in range(1, min(n, 9) + 1) if k != i]
            expected[f"a{i}_{n}d"] = sum(amounts) if amounts else None
        for n in range(1, 31):
            value = expected[f"a{i}_{n}d"]
            expected[f"b{i}_{n}d"] = None if value is None else value + i
    assert names == ["customer_id", "asked_at", *expected]
    assert [tuple(r) for r in found] == [
        (1, JAN, *expected.values()),
        (1, JAN, *expected.values()),
        (7, JAN, *(None for _ in expected)),
    ]


@pytest.mark.parametrize(
    "name", ["spine", "points", "grid", "output", "p", "g", "l", "r", "asked", "until", "known"]
)
def test_sources_may_be_called_as_what_is_made_of_them(name: str) -> None:
    grid = SHOP.replace("asked at asked_at", "every 1d from @2024-01-09 to @2024-01-10")
    before, _, after = grid.partition("source asked {")
    text = before + after.partition("\n}\n")[2]  # the grid has no use for it
    rows = {
        "customers": [(1,), (2,)],
        "sales": [(1, datetime(2024, 1, 9), 5), (2, datetime(2024, 2, 9, 2), 5)],
    }
    for source in rows:
        renamed = text.replace(f"source {source} ", f"source {name} ")
        renamed = renamed.replace(f"from {source}", f"from {name}")
        stored = {name if k == source else k: v for k, v in rows.items()}

        assert training_set(renamed, stored, "churn")[1] == [
            (1, datetime(2024, 1, 9), None, None, False),
            (1, JAN, 5, 2.5, True),
            (2, datetime(2024, 1, 9), None, None, True),
            (2, JAN, None, None, True),
        ]


@pytest.mark.parametrize(
    "name", ["point", "points", "row", "spine", "seen_from", "gone_2", "count", "output", "total"]
)
def test_a_feature_may_come_out_under_any_name(name: str) -> None:
    text = SHOP.replace("include spend.*", f"include spend.total as {name}, spend.share as part")
    rows = {
        "customers": [(1,)],
        "sales": [(1, datetime(2024, 1, 9), 5)],
        "asked": [(1, JAN), (1, None)],
    }

    assert training_set(text, rows, "churn") == (
        ["customer_id", "asked_at", name, "part", "gone"],
        [(1, JAN, 5, 2.5, None), (1, None, None, None, None)],
    )


def test_the_order_of_the_spine_is_asked_for_and_not_left_to_the_engine() -> None:
    spine = SpineTable(
        table=build.table("rows"),
        columns=("customer_id", "when"),
        keys=("customer_id",),
        time="when",
        row="number",
    )
    query = training_query(compiled(SHOP).program, "p.churn", spine=spine)
    own = training_query(compiled(SHOP).program, "p.churn")

    assert query.args["order"].sql("duckdb").strip() == 'ORDER BY "spine"."number"'
    assert own.args["order"].sql("duckdb").strip() == 'ORDER BY "spine"."row"'
