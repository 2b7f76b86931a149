"""The small shop with a data set: customers, what they order, and who is asked about when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shop import compiled, shop
from sqlglot import exp

from featdsl.engines.duckdb import Session
from featdsl.project.load import Project
from featdsl.runs.train import TrainOutcome, train

ORDERS = """\
order_id,customer_id,ordered_at,amount
1,1,2026-01-10 10:00:00,10.00
2,1,2026-01-20 10:00:00,20.50
3,2,2026-01-25 10:00:00,5.25
4,1,2026-02-03 10:00:00,7.00
5,2,2026-02-20 10:00:00,9.00
"""
CUSTOMERS = """\
customer_id,joined_at,left_at
1,2026-01-01 00:00:00,
2,2026-01-05 00:00:00,2026-03-01 00:00:00
"""
ASKED = """\
customer_id,asked_at,churned,channel
1,2026-02-01 00:00:00,false,web
2,2026-02-01 00:00:00,true,shop
1,2026-01-15 00:00:00,false,web
1,2026-02-01 00:00:00,false,web
9,2026-02-01 00:00:00,true,shop
,2026-02-01 00:00:00,true,shop
2,,true,shop
2,2026-02-15 00:00:00,true,shop
"""

TEXT = """\
namespace shop

entity customer {{
  key customer_id: int
  from customers
}}

source orders {{
  from csv "orders.csv"
  key order_id
  time ordered_at
  entity customer
  columns {{
    order_id:    int       required
    customer_id: int       required
    ordered_at:  timestamp required
    amount:      decimal(12, 2)
  }}
  {orders}
}}

source customers {{
  from csv "customers.csv"
  valid joined_at to left_at
  entity customer
  columns {{
    customer_id: int required
    joined_at:   timestamp required
    left_at:     timestamp
  }}
}}

source asked {{
  from csv "asked.csv"
  entity customer
  columns {{
    customer_id: int
    asked_at:    timestamp
    churned:     bool
    channel:     text
  }}
  {asked}
}}

features spend for customer from orders {{
  spend_30d: decimal(14, 2) = sum(amount) over 30d
  orders_30d = count() over 30d
}}

labels ahead for customer from orders {{
  orders_next: int = count() over next 7d
}}

dataset churn for customer {{
  {dataset}
}}
"""
DATASET = "spine asked at asked_at\n  label churned\n  label ahead.orders_next\n  include spend.*"


def project_of(
    folder: Path,
    *,
    dataset: str = DATASET,
    orders: str = "",
    asked: str = "",
    data: Mapping[str, str | bytes] | None = None,
    text: str = TEXT,
) -> Project:
    """Write the project with its data and load it."""
    files = {"orders.csv": ORDERS, "customers.csv": CUSTOMERS, "asked.csv": ASKED}
    written = text.format(dataset=dataset, orders=orders, asked=asked)
    return shop(folder, text=written, data={**files, **(data or {})})


@dataclass(frozen=True, slots=True)
class Trained:
    """What a training set's caller gets: its outcome, names of columns, rows."""

    outcome: TrainOutcome
    columns: list[str]
    rows: list[tuple[Any, ...]]

    def column(self, name: str) -> list[Any]:
        return [row[self.columns.index(name)] for row in self.rows]


def trained(project: Project, dataset: str = "shop.churn", **settings: Any) -> Trained:
    """Make a training set; nothing is written unless it is asked for."""
    columns: list[str] = []
    rows: list[tuple[Any, ...]] = []

    def receive(session: Session, query: exp.Select) -> None:
        names, found = session.rows(query)
        columns.extend(names)
        rows.extend(found)

    settings = {"publish": False, "receive": receive, **settings}
    outcome = train(project, compiled(project), dataset, **settings)
    return Trained(outcome, columns, rows)
