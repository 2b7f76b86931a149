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


WHOLE = (
    TEXT
    + """
source prices { from csv "p.csv" key sku columns { sku: int required price: decimal(8, 2) } }

source asked {
  from csv "a.csv"
  entity customer
  columns { customer_id: int at: timestamp sku: int }
}

view priced from asked {
  join prices as p on sku = p.sku
  let double = sku * 2
  where sku > 1
}

param floor: int = 5

fn twice(n: int): int = n * 2

labels outcome for customer from sales {
  gone = count() = 0 over next 30d
}

dataset d for customer {
  spine asked at at
  include spend.*
  label gone
  split by customer_id at 80%
}

test "one" {
  given sales
    | sale_id | customer_id | sold_at    | amount |
    | 1       | 1           | 2024-05-01 | 3.00   |
  at @2024-05-02
  then spend
    | customer_id | x    |
    | 1           | 3.00 |
}
"""
)

# What stands there, what is written instead, and what the help says: what stands there.
OTHERS = [
    ("join prices as p on sku", "join prices p on sku", "write `join prices as p on`"),
    ("on sku = p.sku", "using (sku)", "write `on sku = p.sku`"),
    ("join prices as p", "left join prices as p", "take `left` out"),
    ("let double = sku * 2", "double = sku * 2", "write `let double = sku * 2`"),
    ("let double = sku * 2", "let double: sku * 2", "write `let double = sku * 2`"),
    ("where sku > 1", "filter sku > 1", "write `where sku > 1`"),
    ("where sku > 1", "where sku > 1\n  order by sku", "that of the rows' time"),
    ("view priced from asked {", "view priced = asked {", "write `view priced from asked { }`"),
    ("param floor: int = 5", "param floor = 5", "write `param floor: int = …`"),
    ("param floor: int = 5", "param $floor: int = 5", "write `param floor`"),
    ("fn twice(n: int): int", "fn twice(n: int) -> int", "write `: int`"),
    ("= n * 2\n", "{ return n * 2 }\n", "write `fn twice(n: int): int = …`"),
    ("over next 30d", "next 30d", "write `over next 30d`"),
    ("over next 30d", "over following 30d", "write `over next 30d`"),
    ("spine asked at at", "spine asked", "write `spine asked at t`"),
    ("spine asked at at", "spine asked on at", "write `spine asked at at`"),
    ("spine asked at at", "spine from asked at at", "write `spine asked at at`"),
    (
        "spine asked at at",
        "spine daily from @2024-01-01 to @2024-02-01",
        "write `spine every 1d from @2024-01-01 to @2024-02-01`",
    ),
    ("include spend.*", "include *", "write `include g.*` for each group `g`"),
    ("include spend.*", "features spend.*", "write `include spend.*`"),
    ("label gone", "labels gone", "write `label gone`"),
    ("label gone", "target gone", "write `label gone`"),
    ("at 80%", "at 0.8", "write `80%`"),
    ("split by customer_id at 80%", "split 80/20", "`split by customer_id at 80%`"),
    ('test "one" {', "test one {", 'write `test "one" {`'),
    ("  at @2024-05-02", "  as of @2024-05-02", "write `at @2024-05-02`"),
    ("  then spend", "  expect spend", "write `then spend`"),
    ("| 1           | 3.00 |", "| 1           | null |", "an empty cell is null"),
    (
        "| customer_id | x    |\n",
        "| customer_id | x    |\n    | ----------- | ---- |\n",
        "take it out",
    ),
    (
        "features spend for customer from sales {\n  x = sum(amount)\n}",
        "features spend for customer from sales:\n  x = sum(amount)\n",
        "write `features spend for customer from sales {`",
    ),
    (
        "  x = sum(amount)\n",
        '  x = 1\n  for c in ["a"] { n_{c} = count(where status = c) }\n',
        "did you mean `$c`?",
    ),
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


@pytest.mark.parametrize(("there", "wrong", "remedy"), OTHERS, ids=[i[1] for i in OTHERS])
def test_what_else_is_written_has_its_remedy(there, wrong, remedy):
    assert there in WHOLE

    found = errors(WHOLE.replace(there, wrong, 1))

    assert any(remedy in (d.help or "") for d in found), [str(d) for d in found]


def test_the_text_that_the_remedies_lead_to_has_no_mistake():
    assert errors(WHOLE) == []


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
