"""`test` blocks: what passes, what differs, what cannot be run."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from featdsl.compiler.options import Options
from featdsl.compiler.pipeline import compile_text
from featdsl.diagnostics.render.text import render_text
from featdsl.semantics.surroundings import Surroundings
from featdsl.testing.compare import same
from featdsl.testing.result import TestResult, What
from featdsl.testing.run import run_tests
from featdsl.types.dtype import DURATION, FLOAT, INT, TEXT, DType, decimal, list_of
from featdsl.types.duration import Duration

PROGRAM = """\
namespace shop
param least: decimal(12, 2) = 0.00
entity customer { key customer_id: int  from customers }
source customers {
  from csv "customers.csv"
  valid from_ts to to_ts
  entity customer
  columns { customer_id: int required  city: text  from_ts: timestamp required  to_ts: timestamp }
}
source orders {
  from csv "orders.csv"
  key order_id
  time ordered_at available after 1h
  entity customer
  columns {
    order_id: int required
    customer_id: int required
    ordered_at: timestamp required
    amount: decimal(12, 2)
    code: text
  }
}
view large from orders { where amount >= $least }
features spend for customer from large {
  total = sum(amount)
  n = count()
  mean = avg(amount)
  number = max(cast(code as int))
}
"""
GIVEN = """\
  given orders
    | order_id | customer_id | ordered_at       | amount |
    | 1        | 1           | 2026-01-01 10:00 | 10.00  |
    | 2        | 1           | 2026-01-02 10:00 | 20.00  |
    | 3        | 2           | 2026-01-02 23:30 | 5.00   |
"""


def results(*tests: str) -> list[TestResult]:
    blocks = [f'test "t{i}" {{\n{body}\n}}\n' for i, body in enumerate(tests)]
    compilation = compile_text(PROGRAM + "\n".join(blocks))
    assert compilation.ok, render_text(compilation.diagnostics, compilation.texts)
    return list(run_tests(compilation, Options(project="project")))


def only(body: str) -> TestResult:
    (result,) = results(GIVEN + body)
    return result


def test_a_table_that_states_what_is_computed_passes() -> None:
    result = only(
        "  at @2026-01-03\n  then spend\n"
        "    | customer_id | n | total | mean |\n"
        "    | 1           | 2 | 30    | 15.0 |\n"
    )

    assert result.passed
    assert result.cells == 3
    assert result.diagnostics() == ()


def test_a_value_that_differs_is_told_with_its_key_and_row() -> None:
    result = only(
        "  at @2026-01-03\n  then spend\n"
        "    | customer_id | n | total |\n"
        "    | 1           | 3 | 30.01 |\n"
    )

    assert [str(d) for d in result.differences] == [
        "customer_id = 1: `n` is 2, expected 3",
        "customer_id = 1: `total` is 30.00, expected 30.01",
    ]
    (diagnostic,) = result.diagnostics()
    assert diagnostic.code.id == "FD0809"
    assert diagnostic.primary is not None
    assert diagnostic.primary.span == result.test.expected[0].spans[0]


def test_rows_that_are_missing_or_unexpected_are_told() -> None:
    result = only(
        "  at @2026-01-03T12:00:00\n  then spend\n"
        "    | customer_id | n |\n"
        "    | 1           | 2 |\n"
        "    | 9           | 1 |\n"
    )

    assert [(d.what, d.key) for d in result.differences] == [
        (What.MISSING, (("customer_id", 9),)),
        (What.UNEXPECTED, (("customer_id", 2),)),
    ]


def test_a_table_without_rows_states_that_there_are_none() -> None:
    result = only("  at @2026-01-01\n  then spend\n    | customer_id | n | total |\n")

    assert result.passed


def test_keys_are_asked_at_times_of_their_own() -> None:
    result = only(
        "  at\n"
        "    | customer_id | as_of               |\n"
        "    | 1           | 2026-01-02 00:00:00 |\n"
        "    | 2           | 2026-01-03 00:30:00 |\n"
        "  then spend\n"
        "    | customer_id | n |\n"
        "    | 1           | 1 |\n"
        "    | 2           | 1 |\n"
    )

    assert result.passed, [str(d) for d in result.differences]
    assert {d for e in result.test.expected for d in e.instants} == {
        datetime(2026, 1, 2),
        datetime(2026, 1, 3, 0, 30),
    }


def test_a_given_population_says_which_keys_exist() -> None:
    customers = (
        "  given customers\n    | customer_id | from_ts    |\n    | 7           | 2026-01-01 |\n"
    )
    result = only(
        customers + "  at @2026-01-03\n  then spend\n"
        "    | customer_id | n | total |\n"
        "    | 7           | 0 |       |\n"
    )

    assert result.passed, [str(d) for d in result.differences]


def test_a_test_sets_parameters_for_itself_alone() -> None:
    then = "  at @2026-01-03\n  then spend\n    | customer_id | n |\n    | 1           | {} |\n"
    first, second = results(GIVEN + "  $least = 15.00\n" + then.format(1), GIVEN + then.format(2))

    assert first.passed, [str(d) for d in first.differences]
    assert second.passed


def test_a_test_that_cannot_be_run_fails_and_the_others_go_on() -> None:
    coded = GIVEN.replace("| amount |", "| amount | code |").replace(".00  |", ".00  | x |")
    coded = coded.replace(".00   |", ".00   | x |")
    then = "  at @2026-01-03\n  then spend\n    | customer_id | number |\n    | 1 | 1 |\n"
    fine = "  at @2026-01-03\n  then spend\n    | customer_id | n |\n    | 1 | 2 |\n"

    broken, whole = results(coded + then, GIVEN + fine)

    assert not broken.passed
    assert [d.code.id for d in broken.diagnostics()] == ["FD0811"]
    assert whole.passed


def test_tests_can_be_chosen() -> None:
    then = "  at @2026-01-03\n  then spend\n    | customer_id | n |\n    | 1 | 2 |\n"
    compilation = compile_text(
        PROGRAM + f'test "a" {{\n{GIVEN}{then}}}\ntest "b" {{\n{GIVEN}{then}}}\n'
    )

    found = list(run_tests(compilation, Options(project="project"), compilation.program.tests[1:]))

    assert [r.test.title for r in found] == ["b"]


@pytest.mark.parametrize(
    ("expected", "actual", "dtype", "equal"),
    [
        (1.0, 1.0 + 1e-12, FLOAT, True),
        (1.0, 1.0 + 1e-6, FLOAT, False),
        (0.0, 1e-15, FLOAT, True),
        (None, 0, INT, False),
        (None, None, TEXT, True),
        (10**30, 10**30 + 1, INT, False),
        ("a", "A", TEXT, False),
        (Duration(1, "d"), 86_400_000_000, DURATION, True),
        ((1.0, None), [1.0, None], list_of(FLOAT), True),
        ((1.0,), [1.0, 2.0], list_of(FLOAT), False),
    ],
)
def test_values_are_compared_by_their_type(
    expected: object, actual: object, dtype: DType, equal: bool
) -> None:
    assert same(expected, actual, dtype) is equal


def test_decimals_are_compared_exactly() -> None:
    from decimal import Decimal

    assert same(Decimal("1.10"), Decimal("1.1"), decimal(5, 2))
    assert not same(Decimal("1.10"), Decimal("1.11"), decimal(5, 2))


JOINED = """\
namespace shop
entity customer { key customer_id: int }
source prices {
  from csv "prices.csv"
  valid from_ts to to_ts
  KEY
  columns { sku: int required  shop: int  price: int  from_ts: timestamp  to_ts: timestamp }
}
source orders {
  from csv "orders.csv"
  time ordered_at
  entity customer
  columns { customer_id: int required  ordered_at: timestamp required  sku: int }
}
view lines from orders {
  join prices as p on sku = p.sku
  let price = p.price
}
features spend for customer from lines { paid = sum(price) }

test "two prices" {
  given prices
    | sku | shop | price | from_ts    | to_ts |
    | 1   | 1    | 10    | 2026-01-01 | END   |
    | 1   | 2    | 12    | 2026-01-05 |       |
  given orders
    | customer_id | sku | ordered_at |
    | 1           | 1   | 2026-01-07 |
  at @2026-02-01
  then spend
    | customer_id | paid |
    | 1           | 12   |
}
"""


@pytest.mark.parametrize(
    ("key", "end", "problem"),
    [
        ("key sku", "", "1 row still holds in `prices` when the next row of the same sku begins"),
        ("", "", "1 row of `lines` matches more than one row of `prices`"),
        ("", "2026-01-09", "1 row of `lines` matches more than one row of `prices`"),
        ("key sku", "2026-01-05", None),
        ("", "2026-01-05", None),
    ],
)
def test_given_rows_are_refused_as_a_run_refuses_them(
    key: str, end: str, problem: str | None
) -> None:
    compilation = compile_text(JOINED.replace("KEY", key).replace("END", end))
    assert compilation.ok, render_text(compilation.diagnostics, compilation.texts)
    (result,) = run_tests(compilation, Options(project="project"))

    told = [d.message for d in result.diagnostics()]
    assert told == ([] if problem is None else [f'test "two prices" cannot be run: {problem}'])


def test_a_row_is_counted_once_whatever_is_joined_after() -> None:
    """The order matches both prices; what the later join makes of it are no rows to look at."""
    first = "  join prices as p on sku = p.sku\n"
    text = JOINED.replace(first, first + "  join many prices as other on sku = other.sku\n")
    compilation = compile_text(text.replace("  KEY\n", "").replace("END", ""))
    assert compilation.ok, render_text(compilation.diagnostics, compilation.texts)
    (result,) = run_tests(compilation, Options(project="project"))

    assert [d.message for d in result.diagnostics()] == [
        'test "two prices" cannot be run: 1 row of `lines` matches more than one row of `prices`'
    ]


def test_rows_that_a_drop_takes_out_do_not_overlap() -> None:
    text = JOINED.replace("KEY", 'key sku\n  drop when price = 10 because "test"')
    compilation = compile_text(text.replace("END", ""))
    assert compilation.ok, render_text(compilation.diagnostics, compilation.texts)
    (result,) = run_tests(compilation, Options(project="project"))

    assert result.diagnostics() == ()


# --- Labels and training sets

TRAINING = (
    PROGRAM
    + """\
source asked {
  from csv "asked.csv"
  entity customer
  columns { customer_id: int  asked_at: timestamp  channel: text }
}
labels outcome for customer from orders { gone = count() = 0 over next 7d }
dataset churn for customer {
  spine   asked at asked_at
  label   gone
  include spend.n, spend.total as paid
}
dataset weekly for customer {
  spine   every 7d from @2026-01-01 to @2026-01-15
  include spend.n
}
"""
)
ASKED = """\
  given asked
    | customer_id | asked_at   | channel |
    | 1           | 2026-01-03 | web     |
    | 1           | 2026-01-03 | web     |
    |             | 2026-01-03 | app     |
    | 2           |            | shop    |
"""


def training_result(body: str, given: str = GIVEN + ASKED) -> TestResult:
    compilation = compile_text(TRAINING + f'test "t" {{\n{given}{body}}}\n')
    assert compilation.ok, render_text(compilation.diagnostics, compilation.texts)
    (result,) = run_tests(compilation, Options(project="project"))
    return result


def told(body: str, given: str = GIVEN + ASKED) -> list[str]:
    return [str(d) for d in training_result(body, given).differences]


def test_rows_of_a_training_set_are_compared_in_the_order_of_the_spine() -> None:
    result = training_result(
        "  then churn\n    | channel | n | paid |\n    | web | 2 | 30 |\n    | web | 2 | 30.00 |\n"
        "    | app | | |\n    | shop | | |\n"
    )

    assert [str(d) for d in result.differences] == []
    assert result.passed
    assert result.cells == 12


def test_a_value_of_a_training_set_that_differs_is_told_with_the_number_of_its_row() -> None:
    result = training_result(
        "  then churn\n    | channel | n | paid |\n    | web | 2 | 30 |\n    | web | 3 | 30 |\n"
        "    | app | 0 | |\n    | till | | |\n"
    )

    assert [str(d) for d in result.differences] == [
        "row 2, customer_id = 1: `n` is 2, expected 3",
        "row 3, customer_id = null: `n` is null, expected 0",
        'row 4, customer_id = 2: `channel` is "shop", expected "till"',
    ]
    assert [(d.row, d.as_of, d.asked) for d in result.differences] == [
        (2, datetime(2026, 1, 3), "shop.churn"),
        (3, datetime(2026, 1, 3), "shop.churn"),
        (4, None, "shop.churn"),
    ]
    (diagnostic,) = result.diagnostics()
    assert diagnostic.code.id == "FD0809"
    assert diagnostic.primary is not None
    (expected,) = result.test.expected
    assert diagnostic.primary.span == expected.spans[1]


def test_rows_that_a_training_set_has_not_and_has_besides_are_told_once() -> None:
    web = "    | 1 | web | 2 |\n"
    missing = f"  then churn\n    | customer_id | channel | n |\n{web}{web}"
    many = missing + "    | 7 | net | 2 |\n    | | app | |\n    | 2 | shop | |\n"

    assert told(missing) == [
        "row 3, customer_id = null: computed, but not expected",
        "row 4, customer_id = 2: computed, but not expected",
    ]
    assert told(many) == ["row 3, customer_id = 7: expected, but there is no such row"]


def test_a_grid_has_the_rows_of_the_given_population_by_key_and_time() -> None:
    customers = (
        "  given customers\n    | customer_id | from_ts |\n"
        "    | 7 | 2026-01-05 |\n    | 1 | 2020-01-01 |\n"
    )
    then = (
        "  then weekly\n    | customer_id | as_of | n |\n    | 1 | 2026-01-01 | 0 |\n"
        "    | 1 | 2026-01-08 | 2 |\n    | 1 | 2026-01-15 | 2 |\n    | 7 | 2026-01-08 | 0 |\n"
    )

    assert told(then + "    | 7 | 2026-01-15 | 0 |\n", GIVEN + customers) == []
    assert told(then, GIVEN + customers) == [
        "row 5, customer_id = 7: computed, but not expected",
    ]


def test_labels_are_told_by_key() -> None:
    then = "  at @2026-01-02T12:00:00\n  then outcome\n    | customer_id | gone |\n"
    more = GIVEN + "    | 4        | 9           | 2026-01-30       | 1.00   |\n"

    assert told(then + "    | 1 | true |\n    | 2 | false |\n    | 9 | true |\n", more) == []
    assert told(then + "    | 1 | false |\n    | 3 | true |\n    | 2 | false |\n", more) == [
        "customer_id = 1: `gone` is true, expected false",
        "customer_id = 3: expected, but there is no such row",
        "customer_id = 9: computed, but not expected",
    ]


def test_a_test_sets_parameters_of_a_training_set() -> None:
    then = "  $least = 15.00\n  then churn\n    | n |\n    | 1 |\n    | 1 |\n    | |\n    | |\n"

    assert told(then) == []


def test_given_rows_of_a_training_set_are_refused_as_a_run_refuses_them() -> None:
    dataset = "dataset bought for customer {\n  spine orders at ordered_at\n  include spend.*\n}\n"
    then = (
        "  at @2026-02-01\n  then spend\n    | customer_id | paid |\n    | 1           | 12   |\n"
    )
    assert then in JOINED
    text = JOINED.replace("KEY", "").replace("END", "").replace('test "two', f'{dataset}test "two')
    text = text.replace(then, "  then bought\n    | paid |\n    |      |\n")
    compilation = compile_text(text)
    assert compilation.ok, render_text(compilation.diagnostics, compilation.texts)
    (result,) = run_tests(compilation, Options(project="project"))

    assert [d.message for d in result.diagnostics()] == [
        'test "two prices" cannot be run: 1 row of `lines` matches more than one row of `prices`'
    ]


DAILY = """\
namespace shop
param since: date = today() - 1d
param until: timestamp = today()
entity customer { key customer_id: int }
source orders {
  from csv "orders.csv"
  key order_id
  time ordered_at
  entity customer
  columns { order_id: int required  customer_id: int required  ordered_at: timestamp required }
}
source asked {
  from csv "asked.csv"
  columns { customer_id: int required  asked_at: timestamp required }
}
features spend for customer from orders {
  fresh = count(where ordered_at >= $since)
}
dataset daily for customer {
  spine asked at asked_at
  include spend.fresh
}
"""
GRID = """\
source people {
  from csv "people.csv"
  entity customer
  columns { customer_id: int required }
}
dataset whole for customer {
  spine every 1d from @2026-01-01 to $until
  include spend.fresh
}
"""
ORDERED = """\
  given orders
    | order_id | customer_id | ordered_at       |
    | 1        | 1           | 2026-01-01 10:00 |
    | 2        | 1           | 2026-01-02 10:00 |
    | 3        | 1           | 2026-01-03 10:00 |
"""


@pytest.mark.parametrize("real", [date(2026, 1, 3), date(2031, 7, 1)])
def test_today_is_the_day_that_a_test_asks_about(real: date) -> None:
    # As of the 3rd in the evening the day before is the 2nd; in Kolkata it is the 4th by then.
    at_instant = ORDERED + (
        "  at @2026-01-03T20:00\n  then spend\n    | customer_id | fresh |\n    | 1 | {} |\n"
    )
    at_rows = ORDERED + (
        "  given asked\n    | customer_id | asked_at |\n    | 1 | 2026-01-02 20:00 |\n"
        "    | 1 | 2026-01-03 12:00 |\n"
        "  then daily\n    | customer_id | asked_at | fresh |\n"
        "    | 1 | 2026-01-02 20:00 | 1 |\n    | 1 | 2026-01-03 12:00 | 2 |\n"
    )
    set_by_hand = ORDERED + (
        "  $since = @2026-01-01\n"
        "  at @2026-01-03T20:00\n  then spend\n    | customer_id | fresh |\n    | 1 | 3 |\n"
    )
    for timezone, fresh in (("UTC", 2), ("Asia/Kolkata", 1)):
        blocks = [at_instant.format(fresh), set_by_hand]
        blocks += [at_rows] if timezone == "UTC" else []
        found = daily(blocks, timezone, real)
        assert [r.passed for r in found] == [True] * len(blocks), found


def test_a_grid_that_ends_today_has_no_day_of_its_own() -> None:
    people = "  given people\n    | customer_id |\n    | 1 |\n"
    body = ORDERED + people + "  then whole\n    | customer_id | as_of | fresh |\n"
    text = DAILY.replace("customer_id: int }", "customer_id: int  from people }", 1) + GRID
    (result,) = daily([body], "UTC", date(2026, 1, 3), text)

    assert result.problem is not None
    assert "nothing says what day it is" in str(result.problem)


def daily(bodies: list[str], timezone: str, real: date, text: str = DAILY) -> list[TestResult]:
    text += "".join(f'test "t{i}" {{\n{b}}}\n' for i, b in enumerate(bodies))
    options = Options(project="shop", timezone=timezone, surroundings=Surroundings(real))
    compilation = compile_text(text, options=options)
    assert compilation.ok, render_text(compilation.diagnostics, compilation.texts)
    return list(run_tests(compilation, options))
