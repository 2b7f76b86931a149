"""Rows that fail an `expect`, as the oracle has them."""

from __future__ import annotations

from datetime import datetime

import pytest

from featdsl.compiler.options import Options
from featdsl.compiler.pipeline import compile_project
from featdsl.ir.program import Expectation
from featdsl.reference.expectations import (
    failing_keys,
    failing_rows,
    failing_stored,
    failing_training_rows,
)
from featdsl.reference.oracle import Oracle
from featdsl.reference.spine import training_rows
from featdsl.text.sources import SourceSet

AS_OF = datetime(2024, 6, 1)
TEXT = """
entity customer { key customer_id: int }

source sales {
  from parquet "sales.parquet"
  key    sale_id
  time   sold_at
  entity customer
  columns {
    sale_id: int required  customer_id: int required  sold_at: timestamp required
    updated_at: timestamp required  amount: int
  }
  keep last per sale_id by updated_at
  drop when amount = -1
  expect amount >= 0
}

view large from sales {
  where amount > 5
  expect amount < 100
}

source asked {
  from csv "asked.csv"
  entity customer
  columns { customer_id: int  asked_at: timestamp }
}

features spend for customer from large {
  total = sum(amount)
  expect total < 50
}

dataset churn for customer {
  spine asked at asked_at
  include spend.*
  expect total > 20
}
"""


def sale(number: int, customer: int, day: int, updated: int, amount: int | None) -> dict:
    at, made = datetime(2024, 5, day), datetime(2024, 5, updated)
    row = {"sale_id": number, "customer_id": customer, "sold_at": at}
    return row | {"updated_at": made, "amount": amount}


SALES = [
    sale(1, 1, 1, 1, -7),  # an old version: stored, and no row of the view
    sale(1, 1, 1, 2, 10),
    sale(2, 1, 3, 3, None),
    sale(3, 2, 4, 4, 200),
    sale(4, 2, 5, 5, -1),  # dropped
]
ASKED = [
    {"customer_id": 1, "asked_at": AS_OF},
    {"customer_id": 2, "asked_at": AS_OF},
    {"customer_id": 3, "asked_at": AS_OF},
]


@pytest.fixture
def oracle() -> Oracle:
    compiled = compile_project(SourceSet.of({"t.feat": TEXT}), Options(project="p"))
    assert compiled.ok
    return Oracle(compiled.program, {"p.sales": SALES, "p.asked": ASKED})


def condition(expectations: tuple[Expectation, ...]):
    (only,) = expectations
    assert only.condition is not None
    return only.condition


def test_all_stored_versions_are_asked_but_dropped_rows_are_not(oracle):
    found = failing_stored(
        oracle, "p.sales", condition(oracle.program.sources["p.sales"].expectations)
    )

    assert [row.origin[1] for row in found] == [0]


def test_a_view_is_asked_for_its_rows_at_the_time(oracle):
    expected = condition(oracle.program.views["p.large"].expectations)

    found = failing_rows(oracle, "p.large", expected, AS_OF)
    before = failing_rows(oracle, "p.large", expected, datetime(2024, 5, 3))

    assert [row.values["amount"] for row in found] == [200]
    assert before == []


def test_a_group_is_asked_for_its_output(oracle):
    expected = condition(oracle.program.groups["p.spend"].expectations)

    assert failing_keys(oracle, "p.spend", expected, AS_OF) == [(2,)]


def test_a_training_set_is_asked_by_its_columns_and_null_passes(oracle):
    expected = condition(oracle.program.datasets["p.churn"].expectations)

    found = failing_training_rows(oracle, training_rows(oracle, "p.churn"), expected)

    assert [(row.key, row.values["total"]) for row in found] == [((1,), 10)]
