"""Where a value needs one row, several are refused: at every time that is asked about."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from shop import compiled, shop

from featdsl.compiler.options import Options
from featdsl.compiler.pipeline import compile_text
from featdsl.diagnostics.model import Severity
from featdsl.diagnostics.render.text import render_text
from featdsl.project.as_of import AsOf
from featdsl.project.load import Project
from featdsl.runs.execute import run_project
from featdsl.runs.train import train
from featdsl.testing.run import run_tests

PRICED = """\
namespace shop
entity customer { key id: int }
source orders {
  from csv "orders.csv"
  time at
  key order_id
  keep last per order_id by updated_at
  entity customer (customer_id)
  columns {
    order_id: int required  customer_id: int  at: timestamp  updated_at: timestamp  sku: int
  }
}
source prices { from csv "prices.csv"  columns { sku: int required  price: int } }
view lines from orders {
  join prices as p on sku = p.sku
  let price = p.price
}
features spend for customer from lines { paid = sum(price) }
source asked { from csv "asked.csv"  columns { id: int  at: timestamp } }
dataset rows for customer { spine asked at at  include spend.* }
"""
ORDERS = (
    "order_id,customer_id,at,updated_at,sku\n"
    "1,1,2026-01-01,2026-01-01,7\n"
    "1,1,2026-01-01,2026-01-05,8\n"
)
PRICES = "sku,price\n7,1\n7,2\n8,9\n"
ASKED = "id,at\n1,2026-01-03\n1,2026-01-06\n"


def project(folder: Path, text: str, **data: str) -> Project:
    return shop(folder, text=text, data={f"{name}.csv": rows for name, rows in data.items()})


def errors(outcome: Any) -> list[str]:
    return [d.code.id for d in outcome.diagnostics if d.severity is Severity.ERROR]


def trained(folder: Path, text: str, **data: str) -> list[str]:
    """Codes of the errors of a training set."""
    found = project(folder, text, **data)
    return errors(train(found, compiled(found), "shop.rows"))


def ran(found: Project, at: datetime = datetime(2026, 2, 1)) -> list[str]:
    """Codes of the errors of a run."""
    return errors(run_project(found, compiled(found), as_of=AsOf(at, "test")))


def test_a_version_that_was_replaced_may_not_match_two_rows_either(tmp_path: Path) -> None:
    """On 3 January order 1 is of the article 7, which has two prices."""
    assert trained(tmp_path, PRICED, orders=ORDERS, prices=PRICES, asked=ASKED) == ["FD0713"]


def test_a_version_that_a_spine_is_too_early_for_is_not_asked(tmp_path: Path) -> None:
    later = ORDERS + "1,1,2026-01-01,2026-01-09,7\n"
    prices = "sku,price\n7,1\n7,2\n8,9\n"
    early = later.replace("2026-01-01,7", "2026-01-01,8", 1)

    assert trained(tmp_path, PRICED, orders=early, prices=prices, asked=ASKED) == []


def test_an_event_after_the_last_time_of_a_spine_is_not_asked(tmp_path: Path) -> None:
    """Order 2 is known on 2 January, and is of 1 February: no row of the spine reads it."""
    text = PRICED.replace("  time at\n", "  time at available updated_at\n", 1)
    text = text.replace("  keep last per order_id by updated_at\n", "")
    orders = ORDERS.splitlines(keepends=True)[0] + "2,1,2026-02-01,2026-01-02,7\n"

    assert trained(tmp_path, text, orders=orders, prices=PRICES, asked=ASKED) == []


def test_a_run_reads_no_version_that_was_replaced(tmp_path: Path) -> None:
    found = project(tmp_path, PRICED, orders=ORDERS, prices=PRICES, asked=ASKED)

    assert ran(found) == []


MOVED = """\
namespace shop
entity customer { key id: int }
source lines {
  from csv "lines.csv"
  time at
  key order_id
  keep last per line_id by updated_at
  entity customer (customer_id)
  columns {
    line_id: int  order_id: int  customer_id: int  at: timestamp  updated_at: timestamp  n: int
  }
}
features spend for customer from lines { newest = last(n)  earlier = newest 25d ago }
features now for customer from lines { newest = last(n) }
source asked { from csv "asked.csv"  columns { id: int  at: timestamp } }
dataset rows for customer { spine asked at at  include now.* }
"""
LINES = (
    "line_id,order_id,customer_id,at,updated_at,n\n"
    "1,1,1,2026-01-01,2026-01-01,7\n"
    "2,1,1,2026-01-01,2026-01-01,8\n"
)
CORRECTED = LINES + "2,2,1,2026-01-01,2026-01-05,8\n"


def test_winners_may_not_share_a_key_at_an_earlier_time_that_is_read(tmp_path: Path) -> None:
    """Until 5 January lines 1 and 2 are of one order: it is chance which is the last."""
    assert trained(tmp_path, MOVED, lines=CORRECTED, asked=ASKED) == ["FD0710"]
    found = project(tmp_path, MOVED, lines=CORRECTED, asked=ASKED)
    outcome = run_project(found, compiled(found), as_of=AsOf(datetime(2026, 2, 1), "test"))
    (error,) = [d for d in outcome.diagnostics if d.severity is Severity.ERROR]
    assert error.code.id == "FD0710"
    assert "1 row of `lines` shared a key (order_id) with another at an earlier" in error.message
    assert error.notes == ("order_id = 1",)


def test_winners_of_now_have_keys_of_their_own_and_nothing_else_is_read(tmp_path: Path) -> None:
    text = MOVED.replace("  earlier = newest 25d ago", "")
    assert ran(project(tmp_path, text, lines=CORRECTED, asked=ASKED)) == []
    assert ran(project(tmp_path, text, lines=LINES, asked=ASKED)) == ["FD0710"]


def test_a_key_that_goes_from_one_row_to_another_is_shared_at_no_time(tmp_path: Path) -> None:
    """Line 1 takes the key 3 at the moment at which line 2 takes the key 1."""
    swapped = (
        LINES.replace("2,1,1,2026-01-01,2026-01-01,8", "2,2,1,2026-01-01,2026-01-01,8")
        + "1,3,1,2026-01-01,2026-01-05,7\n2,1,1,2026-01-01,2026-01-05,8\n"
    )
    assert trained(tmp_path, MOVED, lines=swapped, asked=ASKED) == []


AHEAD = """\
namespace shop
entity customer { key id: int }
source orders {
  from csv "orders.csv"
  time at available seen
  keep last per customer_id by updated_at
  entity customer (customer_id)
  columns { customer_id: int  at: timestamp  seen: timestamp  updated_at: timestamp  sku: int }
}
source prices {
  from csv "prices.csv"
  keep last per shop by since
  columns { shop: int required  sku: int  price: int  since: timestamp required }
}
view lines from orders {
  join prices as p on sku = p.sku
  let price = p.price
}
features next for customer from lines { price = price }
source asked { from csv "asked.csv"  columns { id: int  at: timestamp } }
dataset rows for customer { spine asked at at  include next.* }
source visits {
  from csv "visits.csv"
  time at
  entity customer (customer_id)
  columns { customer_id: int  at: timestamp }
}
view looks from visits {
  join lines as l on customer_id = l.customer_id
  let price = l.price
}
features visit for customer from looks { visits = count()  price = sum(price) }
"""
PLANNED = "customer_id,at,seen,updated_at,sku\n1,2026-03-01,2026-01-02,2026-01-02,7\n"
TWO_SHOPS = "shop,sku,price,since\n1,7,10,2026-01-01\n2,7,12,2026-01-05\n1,8,10,2026-01-09\n"


@pytest.mark.parametrize(
    ("at", "told"),
    [("2026-01-04", []), ("2026-01-06", ["FD0713"]), ("2026-01-20", ["FD0713"])],
)
def test_a_row_may_not_match_two_ahead_of_its_time_either(
    tmp_path: Path, at: str, told: list[str]
) -> None:
    """From 5 to 9 January two shops have the article that is planned for March."""
    asked = f"id,at\n1,{at}\n"
    rows = {"prices": TWO_SHOPS, "asked": asked, "visits": "customer_id,at\n"}

    assert trained(tmp_path, AHEAD, orders=PLANNED, **rows) == told


@pytest.mark.parametrize(("at", "told"), [("2026-01-04", []), ("2026-01-06", ["FD0713"])])
def test_nor_where_it_is_joined_in_turn(tmp_path: Path, at: str, told: list[str]) -> None:
    rows = {"prices": TWO_SHOPS, "visits": f"customer_id,at\n1,{at}\n", "asked": "id,at\n"}
    found = project(tmp_path, AHEAD, orders=PLANNED, **rows)
    program = compiled(found)

    assert errors(run_project(found, program, as_of=AsOf(datetime.fromisoformat(at), "t"))) == told


LOOKS = AHEAD.replace(
    "  let price = p.price\n}", "  let price = p.price\n  let n = fame.n via sku\n}", 1
) + (
    "entity article { key sku: int }\n"
    "source views {\n"
    '  from csv "views.csv"\n'
    "  time at\n"
    "  entity article\n"
    "  columns { sku: int  at: timestamp }\n"
    "}\n"
    "features fame for article from views { n = count() }\n"
    "features seen for customer from lines { n = n }\n"
)
LOOKS = LOOKS.replace("include next.*", "include next.*, seen.*")


@pytest.mark.parametrize(("at", "told"), [("2026-01-04", []), ("2026-01-06", ["FD0713"])])
def test_a_row_that_looks_up_may_not_match_two_either(
    tmp_path: Path, at: str, told: list[str]
) -> None:
    rows = {"prices": TWO_SHOPS, "visits": f"customer_id,at\n1,{at}\n", "asked": f"id,at\n1,{at}\n"}
    views = "sku,at\n7,2026-01-03\n"

    assert trained(tmp_path, LOOKS, orders=PLANNED, views=views, **rows) == told
    found = project(tmp_path / "run", LOOKS, orders=PLANNED, views=views, **rows)
    assert ran(found, datetime.fromisoformat(at)) == told


JOINED_VIEW = """\
namespace shop
entity customer { key id: int }
source orders {
  from csv "orders.csv"
  time at
  entity customer (customer_id)
  columns { customer_id: int  at: timestamp  item: int }
}
source items {
  from csv "items.csv"
  keep last per item by since
  columns { item: int  since: timestamp  sku: int }
}
source prices { from csv "prices.csv"  columns { sku: int required  price: int } }
view priced from items {
  join prices as p on sku = p.sku
  let price = p.price
}
view lines from orders {
  join priced as i on item = i.item
  let price = i.price
}
features spend for customer from lines { paid = sum(price) }
"""


def test_a_joined_view_is_asked_at_the_times_of_the_rows_that_it_is_joined_to(
    tmp_path: Path,
) -> None:
    """When it was ordered, on 3 January, item 5 was of the article 7, which has two prices."""
    rows = {
        "orders": "customer_id,at,item\n1,2026-01-03,5\n",
        "items": "item,since,sku\n5,2026-01-01,7\n5,2026-01-05,8\n",
        "prices": PRICES,
    }
    found = project(tmp_path, JOINED_VIEW, **rows)

    assert ran(found) == ["FD0713"]


BARE = """\
namespace shop
entity customer { key id: int }
source people {
  from csv "people.csv"
  snapshot taken
  entity customer
  columns { id: int  taken: timestamp  city: text }
}
features who for customer from people { city = city }
source asked { from csv "asked.csv"  columns { id: int  at: timestamp } }
dataset rows for customer { spine asked at at  include who.* }
"""
TWICE = "id,taken,city\n1,2026-01-01,Agra\n1,2026-01-01,Pune\n1,2026-01-05,Pune\n"


def test_a_key_has_one_row_at_every_time_of_a_spine(tmp_path: Path) -> None:
    """The snapshot of 1 January lists customer 1 twice, the last one does not."""
    assert trained(tmp_path, BARE, people=TWICE, asked=ASKED) == ["FD0710"]


def test_what_is_looked_up_some_time_ago_has_one_row_too(tmp_path: Path) -> None:
    text = BARE.replace("city = city", "town = city  before = town 7d ago")
    found = project(tmp_path, text, people=TWICE, asked=ASKED)

    assert ran(found, datetime(2026, 1, 9)) == ["FD0710"]


GIVEN = """\
test "two rows" {{
  given {}
  at @2026-02-01
  then {}
}}
"""


@pytest.mark.parametrize(
    ("text", "given", "then", "told"),
    [
        (
            BARE,
            "people\n  | id | taken | city |\n"
            "  | 1 | 2026-01-01 | Agra |\n  | 1 | 2026-01-01 | Pune |",
            "who\n  | id | city |\n  | 1 | Agra |",
            "a key has several rows at a time that is asked about",
        ),
        (
            PRICED,
            "orders\n  | order_id | customer_id | at | updated_at | sku |\n"
            "  | 1 | 1 | 2026-01-01 | 2026-01-01 | 7 |\n"
            "  | 1 | 1 | 2026-01-01 | 2026-01-01 | 8 |",
            "spend\n  | id | paid |\n  | 1 | |",
            "`orders` has versions of one order_id that differ, but share their "
            "`updated_at` (1 time)",
        ),
        (
            PRICED.replace("  keep last per order_id by updated_at\n", ""),
            "orders\n  | order_id | customer_id | at | sku |\n"
            "  | 1 | 1 | 2026-01-01 | 7 |\n  | 1 | 1 | 2026-01-01 | 8 |",
            "spend\n  | id | paid |\n  | 1 | |",
            "2 rows of `orders` share 1 key (order_id)",
        ),
    ],
)
def test_rows_of_a_test_among_which_chance_would_choose_are_refused(
    text: str, given: str, then: str, told: str
) -> None:
    compilation = compile_text(text + GIVEN.format(given, then))
    assert compilation.ok, render_text(compilation.diagnostics, compilation.texts)
    (result,) = run_tests(compilation, Options(project="shop"))

    message = f'test "two rows" cannot be run: {told}'
    assert [d.message for d in result.diagnostics()] == [message]
