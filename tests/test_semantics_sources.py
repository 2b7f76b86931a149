"""Sources, views, expectations: what rows are, which exist when, what must hold."""

from __future__ import annotations

from decimal import Decimal

import pytest
from till import beside, group

from featdsl.ir.program import CheckKind, Role
from featdsl.ir.text import canonical
from featdsl.types.duration import Duration

COLUMNS = """columns {
    id: int required  customer_id: int  at: timestamp required  seen_at: timestamp
    until: timestamp  day: date  amount: decimal(12, 2)  name: text
  }"""


def source(*items: str, origin: str = 'from csv "x.csv"', columns: str = COLUMNS) -> str:
    body = "\n  ".join([origin, columns, *items])
    return f'## Things.\nsource things {{\n  {body}\n  allow "unused" because "a test"\n}}\n'


def made(*items: str, **options: str):
    program, found = beside(source(*items, **options))
    assert [d.message for d in found if d.code.slug != "unused-allow"] == []
    return program.sources["shop.things"]


def said(*items: str, **options: str) -> list[str]:
    _, found = beside(source(*items, **options))
    return [d.code.slug for d in found]


def test_a_source_has_its_history():
    found = made(
        "key id", "time at then id available after 2h", "keep last per id by seen_at, name"
    )

    assert (found.key, found.time, found.ties) == (("id",), "at", ("id",))
    assert found.available.after == Duration(2, "h")
    assert (found.keep.per, found.keep.by) == (("id",), ("seen_at", "name"))
    assert found.tie_break == ("id",)


def test_availability_may_be_a_column():
    assert made("time at available seen_at").available.column == "seen_at"


def test_validity_has_its_ends():
    found = made("valid at to until")

    assert (found.valid.start, found.valid.end) == ("at", "until")


def test_roles_take_the_names_of_the_keys_or_their_own():
    found = made("entity customer", "entity customer (id)")

    assert found.roles == (
        Role(entity="shop.customer", columns=("customer_id",)),
        Role(entity="shop.customer", columns=("id",)),
    )


@pytest.mark.parametrize(
    ("items", "slug"),
    [
        (["key idd"], "unknown-column"),
        (["key id, id"], "duplicate-column"),
        (["time att"], "unknown-column"),
        (["time day"], "time-column"),
        (["time at available day"], "time-column"),
        (["valid at to att"], "unknown-column"),
        (["valid at to at"], "duplicate-column"),
        (["valid day to until"], "time-column"),
        (["keep last per idd by at"], "unknown-column"),
        (["keep last per id by amount"], "time-column"),
        (["keep first per id by amount"], "time-column"),
        (["keep last per id by at removed when amount"], "not-a-condition"),
        (["keep last per id by at removed when gone"], "unknown-column"),
        (["snapshot att"], "unknown-column"),
        (["snapshot day"], "time-column"),
        (["snapshot at", "keep last per id by at"], "two-histories"),
        (["time at available after 1h", "snapshot at available after 1h"], "two-availabilities"),
        (["valid at to until", "keep last per id by at"], "two-histories"),
        (["entity custmer"], "unknown-declared"),
        (["entity store"], "unknown-column"),
        (["entity customer (name)"], "key-type"),
        (["entity customer (id, name)"], "key-columns"),
        (["entity customer", "entity customer"], "duplicate-name"),
        (["drop when amount"], "not-a-condition"),
        (["drop when amuont < 0"], "unknown-column"),
        (["drop when at < as_of"], "no-as-of"),
        (["drop when days_since(at) > 3"], "no-as-of"),
        (["drop when sum(amount) > 3"], "aggregate-outside-feature"),
        (["expect unique(idd)"], "unknown-column"),
        (["expect unique()"], "argument-count"),
        (["expect unique(id) allow 1%"], "expectation-form"),
        (["expect unique(id) or amount > 0"], "expectation-form"),
        (["expect null_rate(amount, id) < 1%"], "argument-count"),
        (["expect null_rate(amount) < 1d"], "argument-type"),
        (["expect rows() > amount"], "not-constant"),
        (["expect freshness <= 1d"], "window-without-time"),
        (["time at", "expect freshness <= 1"], "argument-type"),
        (["expect amount"], "not-a-condition"),
        (['unit "INR"'], "unknown-attribute"),
        (['owner "a"', 'owner "b"'], "duplicate-attribute"),
        (["tags [1]"], "attribute-value"),
    ],
)
def test_a_mistake_in_a_source_is_one_message(items, slug):
    assert said(*items) == [slug]


@pytest.mark.parametrize(
    ("origin", "slug"),
    [
        ('from csv "x.csv" (delimiter = 3)', "argument-type"),
        ('from csv "x.csv" (delimiter = ";;")', "bad-constant"),
        ('from csv "x.csv" (delimiter = ";", delimiter = ",")', "unknown-option"),
        ('from table "a.b.c"', "bad-constant"),
        ('from table ""', "bad-constant"),
        ('from postgres env("DSN")', "missing-item"),
        ('from postgres "host=db" (table = "t")', "connection-in-text"),
        ('from postgres $least (table = "t")', "connection-in-text"),
        ('from csb "x.csv"', "unknown-source-kind"),
        ('from csv "{$fodler}/x.csv"', "unknown-parameter-name"),
        ('from csv "{$recent}/x.csv"', "argument-type"),
    ],
)
def test_a_mistake_in_a_location_is_one_message(origin, slug):
    assert said(origin=origin) == [slug]


def test_a_source_without_columns_is_not_known_without_a_lock():
    assert said(columns="") == ["unknown-columns"]


@pytest.mark.parametrize(
    ("expect", "kind", "columns", "op", "bound"),
    [
        ("unique(id, name)", CheckKind.UNIQUE, ("id", "name"), None, None),
        ("rows() > 10", CheckKind.ROW_COUNT, (), ">", 10),
        ("10 < rows()", CheckKind.ROW_COUNT, (), ">", 10),
        ("null_rate(amount) < 1%", CheckKind.NULL_RATE, ("amount",), "<", Decimal("0.01")),
        ("freshness <= 2 * 1d", CheckKind.FRESHNESS, (), "<=", None),
        ("freshness <= 1d", CheckKind.FRESHNESS, (), "<=", Duration(1, "d")),
    ],
)
def test_expectations_of_the_set_have_measure_and_bound(expect, kind, columns, op, bound):
    if bound is None and kind is CheckKind.FRESHNESS:
        assert said("time at", f"expect {expect}") == ["argument-type"]
        return
    found = made("time at", f"expect {expect} warn").expectations

    assert [(e.kind, e.columns, e.op, e.bound, e.text, e.warn) for e in found] == [
        (kind, columns, op, bound, expect, True)
    ]


def test_a_measure_between_two_bounds_is_two_expectations():
    found = made("expect rows() between 1 and 10").expectations

    assert [(e.op, e.bound) for e in found] == [(">=", 1), ("<=", 10)]


def test_a_condition_of_rows_has_the_share_that_may_fail():
    found = made("expect amount between 0 and 10 allow 0.1%").expectations[0]

    assert (found.kind, canonical(found.condition), found.allow) == (
        CheckKind.ROWS,
        "amount between 0 and 10",
        Decimal("0.001"),
    )


def test_the_end_of_validity_is_read_by_the_source_and_by_nothing_else():
    assert made("valid at to until", "drop when until < at").drops

    text = source("valid at to until", "entity customer")
    _, found = beside(text + view("let x = until", left="things"))
    assert "validity-end" in [d.code.slug for d in found]


# --- views


def view(*items: str, left: str = "sales", feature: str = "n = count()") -> str:
    body = "\n  ".join(items)
    return f"## Rows.\nview v from {left} {{\n  {body}\n}}\n" + group(
        feature, header="g for customer from v"
    )


def said_of_view(*items: str, left: str = "sales", feature: str = "n = count()") -> list[str]:
    _, found = beside(view(*items, left=left, feature=feature))
    return [d.code.slug for d in found if d.code.slug != "unused"]


def test_a_join_is_pairs_and_a_rest():
    program, found = beside(
        view("join products as q on sku = q.sku and amount > q.price", "where q.price > 1")
    )
    join = program.views["shop.v"].joins[0]

    assert found == []
    assert [(canonical(left), right) for left, right in join.on] == [("sku", "sku")]
    assert canonical(join.residual) == "amount > q.price"


def test_a_join_without_a_name_has_that_of_its_source():
    program, _ = beside(view("join products on products.sku = sku", "where products.price > 1"))

    assert program.views["shop.v"].joins[0].alias == "products"


def test_lets_stand_in_dependency_order():
    program, found = beside(
        view("let c = b + 1", "let b = a + 1", "let a = sku + 1", feature="n = sum(c)")
    )

    assert found == []
    assert [let.name for let in program.views["shop.v"].lets] == ["a", "b", "c"]


def test_a_view_on_a_view_has_its_lets_and_keeps_its_time():
    text = """## Rows.
view u from sales { let twice = sku * 2 }
## Rows.
view v from u { let more = twice * 2 }
""" + group("n = sum(more) over 7d", "m = last(channel)", header="g for customer from v")
    program, found = beside(text)

    assert found == []
    assert program.root("shop.v").name == "shop.sales"


@pytest.mark.parametrize(
    ("items", "slug"),
    [
        (["let amount = sku"], "duplicate-column"),
        (["let a = sku", "let a = sku"], "duplicate-column"),
        (["let a: int = channel"], "declared-type"),
        (["let a = amuont"], "unknown-column"),
        (["let a = p.price"], "unknown-alias"),
        (["let a = a + 1"], "cycle"),
        (["let a = null"], "no-type"),
        (["let as_of = sku"], "reserved-name"),
        (["where amount"], "not-a-condition"),
        (["where count() > 1"], "aggregate-outside-feature"),
        (["where sold_at < as_of"], "no-as-of"),
        (["join prodcts as q on sku = q.sku"], "unknown-declared"),
        (["join products as q on sku = q.sk"], "unknown-column"),
        (["join products as q on q.sku = q.sku"], "join-without-equality"),
        (["join products as q on sku > q.sku"], "join-without-equality"),
        (["join products as q on channel = q.sku"], "incomparable"),
        (["join visits as q on customer_id = q.customer_id"], "no-total-order"),
        (
            ["join products as q on sku = q.sku", "join customers as q on sku = q.customer_id"],
            "duplicate-column",
        ),
    ],
)
def test_a_mistake_in_a_view_is_one_message(items, slug):
    assert said_of_view(*items) == [slug]


def test_what_stands_on_a_mistake_in_a_view_is_not_reported_again():
    assert said_of_view("let a = amuont", feature="n = sum(a)") == ["unknown-column"]
    assert said_of_view("let a = 1", left="slaes") == ["unknown-declared"]


def test_views_of_views_in_a_circle_are_a_cycle():
    _, found = beside("## A.\nview a from b { }\n## B.\nview b from a { }\n")

    assert [d.message for d in found if d.code.slug != "unused"] == [
        "views form a cycle: a -> b -> a"
    ]


def test_a_union_is_of_relations_of_one_shape():
    assert set(said_of_view(left="sales, visits")) == {"union-shape", "union-time"}


# --- personal data


@pytest.mark.parametrize(
    ("feature", "slugs"),
    [
        ("n = last(email)", ["publishes-pii"]),
        ("n = max(email)", ["publishes-pii"]),
        ("n = mode(email)", ["publishes-pii"]),
        ("n = max_by(email, amount)", ["publishes-pii"]),
        ("n = max_by(channel, email)", []),
        ("n = count(email)", []),
        ("n = count_distinct(email)", []),
        ("n = exists(where email is not null)", []),
        ("n = any(email is null)", []),
    ],
)
def test_personal_data_is_counted_and_not_shown(feature, slugs):
    _, found = beside(group(feature, header="g for customer from sales"))

    assert [d.code.slug for d in found] == slugs


def test_personal_data_stay_so_through_lets_and_features():
    text = view("let mail = coalesce(email, channel)", feature="n = last(mail)")
    _, found = beside(text)

    assert [d.message for d in found] == ["`n` publishes personal data of `mail`"]
