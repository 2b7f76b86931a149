"""Training sets over a grid of times on Postgres, with labels, a population and versions."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from decimal import Decimal

import duckdb
import pytest

from featdsl.compiler.embed import render_dataset
from tests.dialects.evil import compiled
from tests.dialects.two_engines import differing, store

pytestmark = pytest.mark.engine

TEXT = """
namespace shop

entity customer { key customer_id: int  key branch: text  from members }

source members {
  from csv "members.csv"
  valid from_ts to to_ts
  entity customer
  columns { customer_id: int  branch: text  from_ts: timestamp  to_ts: timestamp  city: text }
}

source sales {
  from csv "sales.csv"
  key sale_id
  time sold_at available after 2h
  keep last per sale_id by updated_at
  entity customer
  columns {
    sale_id: int  customer_id: int  branch: text  sold_at: timestamp  updated_at: timestamp
    amount: decimal(12, 2)  weight: float  kind: text
  }
}

features bought for customer from sales {
  spend[7d, 30d] = sum(amount default 0)
  kind = mode(kind) over 30d
  last_kind = last(kind)
  trend = slope(amount) over 30d
  spread = stddev(weight) over 30d
  middle = median(weight) over 30d
  fading = ewm_sum(amount, half_life: 1d)
  kinds = entropy(kind) over 30d
  shape = skewness(weight)
  heavy = any(weight > 1.5) over 7d
  recency = days_since(last(sold_at))
}

features who for customer from members { city = city }

labels next_week for customer from sales {
  away = not exists() over next 7d
  spent = sum(amount default 0) over next 7d
}

dataset weekly for customer {
  spine every 3d from @2026-01-05 to @2026-03-01 SAMPLE
  split by time at @2026-02-01, @2026-02-20
  label next_week.away, next_week.spent
  include bought.*, who.*
}
"""


def rows() -> dict[str, list[tuple]]:
    r, start = random.Random(7), datetime(2026, 1, 1)
    keys = [(k, b) for k in range(1, 9) for b in ("n", "S")]
    members = []
    for key in keys:
        moved = start + timedelta(days=r.randrange(60))
        members.append((*key, start, moved, r.choice(["Aa", "b", None])))
        if r.random() < 0.7:
            members.append((*key, moved, None, "C"))
    sales = []
    for sale in range(700):
        at = start + timedelta(minutes=r.randrange(85 * 24 * 60))
        key = r.choice([*keys, (None, "n"), (99, "n")])
        for version in range(r.choice((1, 1, 1, 2))):
            updated = at + timedelta(days=version * r.randrange(1, 20))
            amount = Decimal(r.randrange(-500, 9000)) / 100 if r.random() < 0.95 else None
            weight = r.choice([0.1, 0.1, r.random() * 3, None])
            sales.append((sale, *key, at, updated, amount, weight, r.choice("abBA") or None))
    return {"shop.members": members, "shop.sales": sales}


@pytest.mark.parametrize("sample", ["", "sample 30%"], ids=["all", "sample"])
def test_a_grid_is_the_same(postgres, sample: str) -> None:
    program = compiled(TEXT.replace("SAMPLE", sample)).program
    stored = rows()
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("CREATE SCHEMA grid")
        for name, found in stored.items():
            store(postgres, program, name, found, "grid")
            source = program.sources[name]
            types = ", ".join(f"{c.name} {_type(str(c.dtype))}" for c in source.columns.values())
            connection.execute(f"CREATE TABLE grid.{source.short} ({types})")
            marks = ", ".join("?" * len(source.columns))
            connection.executemany(f"INSERT INTO grid.{source.short} VALUES ({marks})", found)
        here = connection.execute(
            render_dataset(program, "shop.weekly", source_schema="grid")
        ).fetchall()
    text = render_dataset(program, "shop.weekly", dialect="postgres", source_schema="grid")

    there = postgres.execute(text).fetchall()

    assert len(here) > 50
    assert differing(here, there) == []


def _type(dtype: str) -> str:
    return {"int": "bigint", "text": "varchar", "float": "double"}.get(dtype, dtype)
