"""A key with several rows of which a column is read as it is stops Postgres too."""

from __future__ import annotations

from datetime import datetime

import pytest

from featdsl.compiler.embed import render_statement
from featdsl.compiler.pipeline import compile_text
from tests.dialects.two_engines import store

pytestmark = pytest.mark.engine

TEXT = """\
namespace shop
entity customer { key id: int }
source people {
  from csv "people.csv"
  entity customer
  columns { id: int  city: text  joined: date  score: decimal(5, 2) }
}
features who for customer from people { city = city  joined = joined  score = score }
"""
ROW = (1, "Agra", "2024-01-01", "1.50")


def test_one_row_is_read_and_two_stop_it(postgres) -> None:
    import psycopg

    program = compile_text(TEXT).program
    settings = {"as_of": datetime(2024, 2, 1), "dialect": "postgres", "source_schema": "s"}
    query = render_statement(program, "shop.who", **settings)
    store(postgres, program, "shop.people", [ROW, (2, None, None, None)], "s")
    rows = postgres.execute(query).fetchall()
    store(postgres, program, "shop.people", [ROW, ROW], "s")

    assert [[*map(str, row)] for row in rows] == [[*map(str, ROW)], ["2", "None", "None", "None"]]
    with pytest.raises(psycopg.DataError, match="featc: several rows of one key"):
        postgres.execute(query)
