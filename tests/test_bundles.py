"""Many windows: tables are joined some at a time, and every value stays where it was."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import duckdb
import pytest
from sqlglot import exp

from featdsl.compiler.pipeline import compile_text
from featdsl.compiler.statements import group_query
from featdsl.compiler.training import training_query
from featdsl.diagnostics.render.text import render_text
from featdsl.ir.program import Program
from featdsl.planning import bundles
from featdsl.sql import build

TEXT = """\
namespace shop
entity customer { key customer_id: int }
source sales {
  from parquet "s.parquet"
  key n
  time at
  entity customer
  columns { n: int  customer_id: int  at: timestamp  amount: int }
}
source asked {
  from parquet "asked.parquet"
  columns { customer_id: int required  at: timestamp required }
}
features g for customer from sales {
  spent[1d, 2d, 3d, 4d, 5d] = sum(amount)
  rows = count() over 6d
  before = spent_3d 1d ago
  ratio = spent_2d / rows
  half = ratio / 2
}
dataset d for customer {
  spine asked at at
  include g.*
}
"""
SALES = [
    (1, 1, datetime(2024, 1, 1), 10),
    (2, 1, datetime(2024, 1, 3), 20),
    (3, 2, datetime(2024, 1, 4), 30),
]
ASKED = [(1, datetime(2024, 1, 4)), (2, datetime(2024, 1, 5)), (3, datetime(2024, 1, 4))]
# Of 2024-01-05: customer 1 bought 20 on the 3rd, 2 bought 30 on the 4th; before is of the 4th.
AT = {
    1: (None, 20, 20, 30, 30, 2, 30, 10.0, 5.0),
    2: (30, 30, 30, 30, 30, 1, None, 30.0, 15.0),
}


@pytest.fixture
def program() -> Program:
    made = compile_text(TEXT)
    assert made.ok, render_text(made.diagnostics, made.texts)
    assert made.program is not None
    return made.program


def rows(query: exp.Select) -> list[tuple[Any, ...]]:
    engine = duckdb.connect()
    engine.execute(
        'create table sales (n bigint, customer_id bigint, "at" timestamp, amount bigint)'
    )
    engine.execute('create table asked (customer_id bigint, "at" timestamp)')
    engine.executemany("insert into sales values (?, ?, ?, ?)", SALES)
    engine.executemany("insert into asked values (?, ?)", ASKED)
    return engine.execute(query.sql("duckdb")).fetchall()


def both(program: Program) -> tuple[exp.Select, exp.Select]:
    scans = {f"shop.{n}": build.table(n) for n in ("sales", "asked")}
    at = datetime(2024, 1, 5)
    return (
        group_query(program, "shop.g", as_of=at, scans=scans),
        training_query(program, "shop.d", scans=scans),
    )


@pytest.mark.parametrize("widest", [2, 3])
def test_values_are_those_of_tables_in_a_row(
    program: Program, widest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = both(program)
    monkeypatch.setattr(bundles, "WIDEST", widest)
    bundled = both(program)

    for one, other in zip(plain, bundled, strict=True):
        assert not any("_to_" in c.alias for c in one.ctes)
        assert any("_to_" in c.alias for c in other.ctes)
        assert all(len(s.args.get("joins") or ()) <= max(widest, 2) for s in _selects(other))
        assert rows(other) == rows(one)
    assert {k: tuple(v) for k, *v in rows(bundled[0])} == {
        k: tuple(None if x is None else pytest.approx(x) for x in v) for k, v in AT.items()
    }


def _selects(query: exp.Select) -> list[exp.Select]:
    return [s for c in query.ctes if (s := c.this) is not None and isinstance(s, exp.Select)]
