"""What people write in their first hour: one message each, whose remedy works when followed."""

from __future__ import annotations

import pytest

import featdsl

TEXT = """namespace shop

entity customer { key customer_id: int }

source sales {
  from parquet "sales.parquet"
  key sale_id
  time sold_at
  entity customer
  columns {
    sale_id: int required
    customer_id: int required
    sold_at: timestamp required
    amount: decimal(12, 2)
    status: text
    basket_id: int
    paid: bool
  }
}

features spend for customer from sales {
  x = sum(amount)
}
"""
FEATURE = "x = sum(amount)"

# What is written as a feature, what the help says, what the feature is then.
FEATURES = [
    ("x = sum(amount) over 7d / 2", "write `sum(amount over 7d)`", "x = sum(amount over 7d) / 2"),
    ("x = (sum(amount) over 7d) / 2", "write `sum(amount over 7d)`", "x = sum(amount over 7d) / 2"),
    ("x = 2 + (count() over 7d)", "write `count(over 7d)`", "x = 2 + count(over 7d)"),
    ("x = nullif(count() over 7d, 0)", "write `count(over 7d)`", "x = nullif(count(over 7d), 0)"),
    (
        "x = if count() over 30d > 3 then 1 else 0",
        "write `count(over 30d)`",
        "x = if count(over 30d) > 3 then 1 else 0",
    ),
    (
        "x = (count() over since start of month) + 1",
        "write `count(over since start of month)`",
        "x = count(over since start of month) + 1",
    ),
    (
        "x = sum(amount) per basket_id",
        "write `avg(sum(amount) per basket_id)`",
        "x = avg(sum(amount) per basket_id)",
    ),
    ("x = sum(amount) by status", "write `sum(amount by status)`", "x = sum(amount by status)"),
    ("x = sum(amount) over last 7 days", "write `over 7d`", "x = sum(amount) over 7d"),
    ("x = sum(amount) over last 7d", "write `over 7d`", "x = sum(amount) over 7d"),
    ("x = sum(amount) over the past 2 weeks", "write `over 2w`", "x = sum(amount) over 2w"),
    ("x = sum(amount) over [7d]", "write `over 7d`", "x = sum(amount) over 7d"),
    ("x = sum(amount) over [7d, 30d]", "write `name[7d, 30d] = …`", "x[7d, 30d] = sum(amount)"),
    ('x = sum(amount) over "7 days"', "write `over 7d`", "x = sum(amount) over 7d"),
    ("x = sum(amount) over all", "write `over lifetime`", "x = sum(amount) over lifetime"),
    ("x = sum(amount) in last 7d", "write `over 7d`", "x = sum(amount) over 7d"),
    ("x = sum(amount) for 7d", "write `over 7d`", "x = sum(amount) over 7d"),
    ("x = sum(amount) window 7d", "write `over 7d`", "x = sum(amount) over 7d"),
    (
        "x = sum(amount) over this month",
        "write `over since start of month`",
        "x = sum(amount) over since start of month",
    ),
    (
        "x = sum(amount) since start of month",
        "write `over since start of month`",
        "x = sum(amount) over since start of month",
    ),
    (
        "x = sum(amount) aligned 1d over 7d",
        "write `over 7d aligned 1d`",
        "x = sum(amount) over 7d aligned 1d",
    ),
    (
        "x = sum(amount) over 7d aligned day",
        "write `over 7d aligned 1d`",
        "x = sum(amount) over 7d aligned 1d",
    ),
    ("x = sum(amount) if paid", "write `where`: `sum(x where paid)`", "x = sum(amount where paid)"),
    ("x = sum(amount if paid)", "write `where`: `sum(x where paid)`", "x = sum(amount where paid)"),
    ("x = sum(if paid then amount)", "else null`", "x = sum(if paid then amount else null)"),
    ("x = count() filter (where paid)", "write `count(where paid)`", "x = count(where paid)"),
    (
        "x = sum(amount) FILTER (WHERE paid)",
        "write `sum(amount where paid)`",
        "x = sum(amount where paid)",
    ),
    (
        "x = sum(amount where paid is true)",
        "write the condition alone: `where x`",
        "x = sum(amount where paid)",
    ),
    (
        'x = count(where status in "paid")',
        'write `in ["paid"]`',
        'x = count(where status in ["paid"])',
    ),
    (
        'x = count(where status in {"a", "b"})',
        'write `in ["a", "b"]`',
        'x = count(where status in ["a", "b"])',
    ),
    (
        "x = count(distinct basket_id, paid)",
        "`count(per basket_id, paid)`",
        "x = count(per basket_id, paid)",
    ),
    ("x_7d, x_30d = sum(amount)", "write `x[7d, 30d] = …`", "x[7d, 30d] = sum(amount)"),
    ("x[7, 30] = sum(amount)", "write `x[7d, 30d] = …`", "x[7d, 30d] = sum(amount)"),
    ("x(7d) = sum(amount)", "write `x[7d] = …`", "x[7d] = sum(amount)"),
    ("7d_x = sum(amount)", "names begin with a letter", "x_7d = sum(amount)"),
    ("def x = sum(amount)", "take `def` out", "x = sum(amount)"),
    ("x = sum(amount) \u00d7 2", "write `*`", "x = sum(amount) * 2"),
    ("x = count(where status = “paid”)", 'write `"`', 'x = count(where status = "paid")'),
    ('x = sum(amount) { unit: "INR" }', 'write `unit "INR"', 'x = sum(amount) { unit "INR" }'),
    ('owner: "me@x.y"  x = count()', 'write `owner "me@x.y"', 'owner "me@x.y"  x = count()'),
    ("x = count() % 2", "the remainder is `mod(a, b)`", "x = mod(count(), 2)"),
    ('x = sum("amount")', "a column stands without quotes: `amount`", "x = sum(amount)"),
    ("x = amount.sum()", "in parentheses: `sum(amount)`", "x = sum(amount)"),
    ("x = quantile(amount, 95)", "write `95%`", "x = quantile(amount, 95%)"),
    ("x = p90(amount)", "`quantile(x, 0.9)`", "x = quantile(amount, 0.9)"),
    ("x = ewm_sum(amount, 7)", "has a unit: `7d`", "x = ewm_sum(amount, 7d)"),
    ("x = count where paid", "parentheses: `count(…)`", "x = count(where paid)"),
    (
        "x = count(where sold_at > 2024-01-01)",
        "an instant is written `@2024-01-03`",
        "x = count(where sold_at > @2024-01-01)",
    ),
    ("x = count(where sold_at > 7d)", "`over 7d`", "x = count() over 7d"),
    (
        "x = count(where day(sold_at) = 1)",
        "calendar_days",
        "x = count(where day_of_week(sold_at) = 1)",
    ),
    ("totalSpend = sum(amount)", "in lower case: `total_spend`", "total_spend = sum(amount)"),
]

# Of other declarations: what stands there, what is written instead, what the help says, the remedy.
ITEMS = [
    ("key customer_id: int }", "key customer_id }", "write `key customer_id: int`", None),
    ("{ key customer_id: int }", "{ customer_id: int }", "write `key customer_id: int", None),
    (
        'from parquet "sales.parquet"',
        "from sales.parquet",
        'write `from parquet "sales.parquet"`',
        None,
    ),
    ('from parquet "sales.parquet"', 'from "sales.csv"', 'write `from csv "sales.csv"`', None),
    (
        'from parquet "sales.parquet"',
        'from parquet("a.parquet")',
        'write `from parquet "a.parquet"`',
        None,
    ),
    ("key sale_id", "primary_key sale_id", "did you mean `key`?", None),
    ("key sale_id", "key (sale_id)", "write `key sale_id`", None),
    ("key sale_id", "key sale_id int", "take `int` out", None),
    ("time sold_at", "time: sold_at", "write `time sold_at`", None),
    ("time sold_at", "time column sold_at", "write `time sold_at`", None),
    (
        "time sold_at",
        "time sold_at available after 2h then sale_id",
        "write `time sold_at then sale_id available after 2h`",
        "time sold_at then sale_id available after 2h",
    ),
    (
        "time sold_at",
        "time sold_at delay 2h",
        "write `available after 2h`",
        "time sold_at available after 2h",
    ),
    (
        "time sold_at",
        "time sold_at available 2h",
        "write `available after 2h`",
        "time sold_at available after 2h",
    ),
    (
        "time sold_at",
        "time sold_at available after sold_at",
        "write `available sold_at`",
        "time sold_at available sold_at",
    ),
    (
        "  entity customer\n",
        "  entity customer by customer_id\n",
        "write `entity customer (customer_id)`",
        "  entity customer (customer_id)\n",
    ),
    ("columns {", "columns: {", "write `columns {`", None),
    ("sale_id: int required", "sale_id: int not null", "write `sale_id: int required`", None),
    ("paid: bool", "paid: bool nullable", "take `nullable` out", None),
    ("paid: bool", "paid: bool?", "take `?` out", None),
    ("paid: bool", "bool paid", "write `paid: bool`", None),
    (
        "paid: bool",
        'paid: bool\n    "card-no": bool',
        "`` `card-no` ``",
        "paid: bool  `card-no`: bool",
    ),
    (
        "paid: bool",
        "paid: bool\n    card-no: bool",
        "`` `card-no` ``",
        "paid: bool  `card-no`: bool",
    ),
    ("features spend for", "features for", "write `features name for customer from sales", None),
    ("for customer from", "of customer from", "for customer from", None),
    ("for customer from", "for each customer from", "take `each` out", None),
    ("for customer from", "for customer in", "write `from sales`", None),
    ("entity customer {", "entity Customer {", "in lower case: `customer`", None),
]


def errors(text: str) -> list[featdsl.Diagnostic]:
    return list(featdsl.compile_text(text).diagnostics.errors)


@pytest.mark.parametrize(("wrong", "remedy", "right"), FEATURES, ids=[f[0] for f in FEATURES])
def test_a_feature_gets_one_message_whose_remedy_works(wrong, remedy, right):
    found = errors(TEXT.replace(FEATURE, wrong))

    assert [d.code for d in found[1:]] == []
    assert remedy in (found[0].help or "")
    assert errors(TEXT.replace(FEATURE, right)) == []


@pytest.mark.parametrize(("there", "wrong", "remedy", "right"), ITEMS, ids=[i[1] for i in ITEMS])
def test_an_item_gets_one_message_whose_remedy_works(there, wrong, remedy, right):
    assert there in TEXT

    found = errors(TEXT.replace(there, wrong, 1))

    assert [d.code for d in found[1:]] == []
    assert remedy in (found[0].help or "")
    assert errors(TEXT if right is None else TEXT.replace(there, right, 1)) == []


def test_a_number_with_or_is_told_how_null_is_replaced():
    found = errors(TEXT.replace(FEATURE, "x = sum(amount) or 0"))

    assert "write `x ?? 0`" in found[0].help
    assert errors(TEXT.replace(FEATURE, "x = sum(amount) ?? 0")) == []


def test_a_group_may_be_called_as_a_word_of_the_language():
    text = TEXT.replace("features spend", "features use")

    assert errors(text) == []
    assert [d.code for d in errors(text + "view v {\n}\n")] == ["FD0101"]


def test_a_union_tells_all_columns_that_lack_at_once():
    other = TEXT[TEXT.index("source sales") : TEXT.index("features")]
    other = other.replace("source sales", "source web").replace("    paid: bool\n", "")
    other = other.replace("    status: text\n", "")

    found = errors(TEXT + other + "view all_sales from sales, web { }\n")

    assert [d.message for d in found] == [
        "`web` has no columns `status`, `paid`, and `sales` has",
    ]
    assert "let status: text = null  let paid: bool = null" in found[0].help
    given = "view v from web { let status: text = null  let paid: bool = null }\n"
    assert errors(TEXT + other + given + "view all_sales from sales, v { }\n") == []
