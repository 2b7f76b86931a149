"""Rows that fail an `expect`, as the oracle has them."""

from __future__ import annotations

from datetime import datetime

import pytest

from featdsl.compiler.options import Options
from featdsl.compiler.pipeline import compile_project
from featdsl.ir.program import Expectation
from featdsl.reference.expectations import Judged, judged
from featdsl.reference.expected_sets import group_set, stored_set, training_set, view_set
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


def judge(expectations: tuple[Expectation, ...], members, before=None) -> Judged:
    (only,) = expectations
    return judged(only, members, AS_OF, "UTC", before)


def test_all_stored_versions_are_asked_but_dropped_rows_are_not(oracle):
    members = stored_set(oracle, "p.sales", AS_OF)
    found = judge(oracle.program.sources["p.sales"].expectations, members)

    assert not found.holds
    assert [members[i].values["amount"] for i in found.failing or ()] == [-7]


def test_a_view_is_asked_for_its_rows_at_the_time(oracle):
    expected = oracle.program.views["p.large"].expectations

    members = view_set(oracle, "p.large", AS_OF)
    found = judge(expected, members)
    before = judge(expected, view_set(oracle, "p.large", datetime(2024, 5, 3)))

    assert [members[i].values["amount"] for i in found.failing or ()] == [200]
    assert before == Judged(True, ())


def test_a_group_is_asked_for_its_output(oracle):
    members = group_set(oracle, "p.spend", AS_OF)
    found = judge(oracle.program.groups["p.spend"].expectations, members)

    assert [members[i].values["customer_id"] for i in found.failing or ()] == [2]


def test_a_training_set_is_asked_by_its_columns_and_null_passes(oracle):
    rows = training_rows(oracle, "p.churn")
    found = judge(
        oracle.program.datasets["p.churn"].expectations, training_set(oracle, rows, AS_OF)
    )

    assert [(rows[i].key, rows[i].values["total"]) for i in found.failing or ()] == [((1,), 10)]


# Rows of four days, the last one to come: amounts 4, 6, nothing and -1.
SOME = [("a", 4, 1), ("a", 6, 2), (None, None, 3), ("c", -1, 9)]
OTHERS = [("a", 1, 1), ("a", 2, 1), ("b", 3, 1), ("b", 4, 1)]


@pytest.mark.parametrize(
    ("text", "holds", "failing"),
    [
        ("amount > 0 allow 25%", True, 1),
        ("amount > 0 allow 24%", False, 1),
        ("unique(name)", False, 2),
        ("unique(name, amount)", True, 0),
        ("null_rate(name) <= 25%", True, 1),
        ("null_rate(name) not between 25% and 30%", False, 1),
        ("rows() = 4", True, None),
        ("distinct(name) < 2", False, None),
        # The row of 3 May is the newest that is seen on 8 May.
        ("freshness <= 5d", True, None),
        ("freshness < 5d", False, None),
        # Of 4, 6 and -1.
        ("avg(amount) = 3", True, None),
        ("sum(amount where amount > 100) > 0", True, None),
        ("sum(amount where amount > 100 default 0) > 0", False, None),
        ('count(where name = "a") > 1 and max(amount) < 7', True, None),
        # Of 10 it was; 9 it is.
        ("sum(amount) changes <= 10%", True, None),
        ("sum(amount) changes < 10%", False, None),
        ("rows() changes < 1%", True, None),
        # Half `a`, half `b` it was; half `a`, a quarter `c` and a quarter nothing it is:
        # twice (0.25 - 0.0001) ln(2500), and (0.0001 - 0.5) ln(0.0001 / 0.5). Together 8.168.
        ("drift(name) between 8.167 and 8.169", True, None),
        # Deciles 1, 2, 3 and 4: a quarter each it was. One up to 1, one up to 4, one above, one
        # nothing it is: twice (0.0001 - 0.25) ln(0.0001 / 0.25), twice (0.25 - 0.0001) ln(2500).
        ("drift(amount) between 7.82 and 7.83", True, None),
        # Three of four were up to 3, of three known ones one is: 3/4 - 1/3 = 5/12.
        ("ks(amount) between 0.41666 and 0.41667", True, None),
    ],
)
def test_an_expectation_on_a_set(text, holds, failing):
    at = datetime(2024, 5, 8)
    source = (
        'entity e { key k: int }\nsource s {\n  from csv "s.csv"\n  time at\n  entity e (k)\n'
        "  columns { k: int  name: text  amount: int  at: timestamp }\n"
        f"  expect {text}\n}}"
    )
    compiled = compile_project(SourceSet.of({"t.feat": source}), Options(project="p"))
    assert compiled.ok
    now, then = (
        [{"k": 1, "name": n, "amount": a, "at": datetime(2024, 5, day)} for n, a, day in rows]
        for rows in (SOME, OTHERS)
    )
    sets = [stored_set(Oracle(compiled.program, {"p.s": r}), "p.s", at) for r in (now, then)]

    found = [
        judged(e, sets[0], at, "UTC", sets[1]) for e in compiled.program.sources["p.s"].expectations
    ]

    assert all(f.holds for f in found) is holds
    assert {None if f.failing is None else len(f.failing) for f in found} == {failing}
