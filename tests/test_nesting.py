"""Data sets of very many groups: what an engine binds in a row stays far below its limits."""

from __future__ import annotations

from datetime import datetime

import duckdb
import pytest
from sqlglot import exp

from featdsl.compiler.pipeline import compile_text
from featdsl.compiler.training import training_query
from featdsl.ir.program import Program
from featdsl.lowering import nesting
from featdsl.planning import bundles
from featdsl.sql import build

HEAD = """\
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
view lines from sales { let twice = 2 * amount }
"""
WINDOWS = ("1d", "2d", "4d", "8d", "16d", "32d", "64d")
SALES = [(n, n % 3, datetime(2024, 1, 1 + n), 10 * n) for n in range(1, 20)]
ASKED = [(c, datetime(2024, 1, d)) for c in (0, 1, 2, 3) for d in (3, 9, 30)]


def program(groups: int, windows: int, *, linked: bool = False) -> Program:
    shown = ", ".join(WINDOWS[:windows])
    declared = [
        f"""features g{n} for customer from lines where amount > {n} {{
          spent{n}[{shown}] = sum(twice)
          {f"more{n} = g{n - 1}.spent{n - 1}_1d + spent{n}_1d" if n and linked else ""}
        }}"""
        for n in range(groups)
    ]
    included = ", ".join(f"g{n}.*" for n in range(groups))
    dataset = f"dataset d for customer {{ spine asked at at  include {included} }}"
    found = compile_text("\n".join([HEAD, *declared, dataset]))
    assert found.ok, found.diagnostics
    return found.program


def query(found: Program) -> exp.Select:
    scans = {f"shop.{n}": build.table(n) for n in ("sales", "asked")}
    return training_query(found, "shop.d", scans=scans)


def rows(select: exp.Select) -> list[tuple[object, ...]]:
    with duckdb.connect() as con:
        con.execute(
            "set TimeZone='UTC';"
            'create table sales (n bigint, customer_id bigint, "at" timestamp, amount bigint);'
            'create table asked (customer_id bigint, "at" timestamp)'
        )
        con.executemany("insert into sales values (?, ?, ?, ?)", SALES)
        con.executemany("insert into asked values (?, ?)", ASKED)
        return con.execute(select.sql("duckdb")).fetchall()


def deepest(select: exp.Query) -> int:
    """The most named queries and joins that an engine binds one within the other."""
    named = select.ctes
    inner = [n + deepest(cte.this) for n, cte in enumerate(named)]
    return max([*inner, len(named) + len(select.args.get("joins") or [])])


def test_values_are_the_same_however_steps_are_nested(monkeypatch: pytest.MonkeyPatch) -> None:
    found = program(5, 3, linked=True)
    flat = query(found)
    expected = rows(flat)
    monkeypatch.setattr(nesting, "MOST", 5)
    monkeypatch.setattr(bundles, "WIDEST", 2)
    nested = query(found)

    assert not any(cte.this.ctes for cte in flat.ctes)
    assert sum(bool(cte.this.ctes) for cte in nested.ctes) > 1
    assert deepest(nested) < deepest(flat) / 2
    assert rows(nested) == expected
    # 3 January: of customer 1 the sale of the 2nd, which is twice 10.
    assert next(r for r in expected if r[:2] == (1, datetime(2024, 1, 3)))[2:5] == (20, 20, 20)


def test_seven_hundred_windows_of_a_hundred_groups_are_bound_in_few_levels() -> None:
    found = program(100, 7)
    select = query(found)

    # DuckDB binds 1,000 levels, expressions among them; before it were 1,002.
    assert deepest(select) < 350
