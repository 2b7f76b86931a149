"""What the oracle says became of each row."""

from __future__ import annotations

from datetime import datetime

import pytest

from featdsl.compiler.options import Options
from featdsl.compiler.pipeline import compile_project
from featdsl.reference.oracle import Oracle
from featdsl.reference.stop import Stopped
from featdsl.reference.trace import Why
from featdsl.text.sources import SourceSet

AS_OF = datetime(2024, 6, 1)
TEXT = """
entity customer { key customer_id: int }

source sales {
  from parquet "sales.parquet"
  key    sale_id
  time   sold_at available after 2h
  entity customer
  columns {
    sale_id:     int required
    customer_id: int
    sold_at:     timestamp
    updated_at:  timestamp
    status:      text
    amount:      decimal(12, 2)
    gone:        bool
  }
  keep last per sale_id by updated_at removed when gone
  drop when amount < 0 because "negative lines are corrections"
}

view paid from sales { where status = "paid" }

features spend for customer from paid {
  large   = sum(amount where amount > 10) over 30d
  share   = large / total
  total   = sum(amount default 0)
  newest  = last(amount) over last 1 events
}
"""


def sale(number: int, sold: str, updated: str, amount: str | None, **more: object) -> dict:
    row = {"sale_id": number, "customer_id": 1, "sold_at": datetime.fromisoformat(sold)}
    row |= {"updated_at": datetime.fromisoformat(updated), "status": "paid", "amount": amount}
    return row | {"gone": False} | more


ROWS = [
    sale(1, "2024-05-20", "2024-05-20", "20.00"),
    sale(1, "2024-05-20", "2024-05-21", "30.00"),
    sale(2, "2024-05-21", "2024-05-21", "-5.00"),
    sale(3, "2024-05-31T23:00", "2024-05-31T23:00", "40.00"),
    sale(4, "2024-05-22", "2024-05-22", "50.00", status="open"),
    sale(5, "2024-05-23", "2024-05-23", "60.00", gone=True),
    sale(6, "2024-05-24", "2024-05-24", "5.00"),
    sale(7, "2024-04-01", "2024-04-01", "70.00"),
    sale(8, "2024-05-25", "2024-05-25", None),
    sale(9, "2024-05-26", "2024-05-26", "80.00", customer_id=2),
]


@pytest.fixture
def oracle() -> Oracle:
    compiled = compile_project(SourceSet.of({"t.feat": TEXT}), Options(project="p"))
    assert compiled.ok
    rows = [row | {"amount": row["amount"] and decimal(row["amount"])} for row in ROWS]
    return Oracle(compiled.program, {"p.sales": rows})


def decimal(text):
    from decimal import Decimal

    return Decimal(text)


def fates(oracle: Oracle, feature: str) -> dict[int, Why]:
    (call,) = oracle.trace(f"p.spend.{feature}", (1,), AS_OF).calls
    return {fate.row.origin[1]: fate.why for fate in call.fates}


def test_each_row_of_the_key_has_one_fate(oracle):
    assert fates(oracle, "large") == {
        0: Why.SUPERSEDED,
        1: Why.COUNTED,
        2: Why.DROPPED,
        3: Why.NOT_YET_SEEN,
        4: Why.VIEW,
        5: Why.REMOVED,
        6: Why.CONDITION,
        7: Why.WINDOW,
        8: Why.CONDITION,
    }


def test_a_null_argument_is_no_null_condition(oracle):
    assert fates(oracle, "total")[8] is Why.NULL_ARGUMENT


def test_rows_beyond_the_last_n_are_told(oracle):
    found = fates(oracle, "newest")

    assert [n for n, why in found.items() if why is Why.BEYOND_LAST] == [7, 1, 6]
    assert found[8] is Why.NULL_ARGUMENT


def test_a_fate_says_by_what(oracle):
    (call,) = oracle.trace("p.spend.large", (1,), AS_OF).calls
    details = {fate.row.origin[1]: fate.detail for fate in call.fates}

    assert details[0] == "by row 1"
    assert details[2] == "negative lines are corrections"
    assert details[3] == "not before 2024-06-01 01:00:00"
    assert details[4] == 'paid: where status = "paid"'
    assert details[5] == "gone"
    assert details[6] == "amount > 10"
    assert details[7] == "30d"


def test_a_feature_of_features_tells_what_it_read(oracle):
    found = oracle.trace("p.spend.share", (1,), AS_OF)

    assert found.calls == ()
    assert found.reads == {"p.spend.large": decimal("30.00"), "p.spend.total": decimal("105.00")}
    assert found.value == 30 / 105


def test_two_newest_versions_that_differ_stop(oracle):
    rows = [sale(1, "2024-05-20", "2024-05-20", None, gone=g) for g in (True, False)]

    with pytest.raises(Stopped, match="two newest versions"):
        Oracle(oracle.program, {"p.sales": rows}).values("p.spend", AS_OF)
