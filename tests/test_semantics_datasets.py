"""Data sets and consumers: which columns, which rows, and what cannot be meant."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest
from till import beside, group

from featdsl.diagnostics.model import Diagnostic
from featdsl.ir.program import Consumer, ConsumerKind, Dataset, SpineGrid, SpineRows
from featdsl.types.duration import Duration

GRID = "spine every 7d from @2024-01-01 to @2024-06-01"
ROWS = "spine asked at asked_at"
AROUND = (
    group("spend[7d, 30d] = sum(amount)", "private hidden = count()", "n = count()")
    + group(
        "n = count()",
        'old = count() { deprecated "n" }',
        header="extra for customer from sales",
    )
    + group("n = count()", header="load for store from sales")
    + group("city = city", header="profile for customer from customers")
    + group("gone = count() = 0 over next 30d", "spent[next 7d, next 30d] = sum(amount)",
            header="outcome for customer from sales").replace("features ", "labels ", 1)
    + """
## Who was asked, and whether they left.
source asked {
  from csv "asked.csv"
  key customer_id, asked_at
  columns {
    customer_id: int required  asked_at: timestamp required  day: date  left: bool  mood: int
    phone: text pii  gone: bool
  }
}

## Learns who leaves.
consumer churn_model { kind model  owner "ml@example.com" }

## When sets begin.
param since: timestamp = @2024-01-01T12:00:00

## Nothing of time.
param least: int = 3
"""
)  # fmt: skip


def dataset(*items: str, entity: str = "customer") -> str:
    body = "\n  ".join(items)
    return f'## A set.\ndataset churn for {entity} {{\n  owner "a@example.com"\n  {body}\n}}\n'


def diagnose(text: str) -> list[Diagnostic]:
    quiet = ("unused", "reads-deprecated")
    return [d for d in beside(AROUND + text)[1] if d.code.slug not in quiet]


def resolved(*items: str) -> Dataset:
    program, found = beside(AROUND + dataset(*items))
    assert [d.message for d in found if d.code.slug not in ("unused", "reads-deprecated")] == []
    return program.datasets["shop.churn"]


def names(*items: str) -> list[str]:
    return [c.name for c in resolved(*items).columns]


def test_rows_of_a_source_are_a_spine():
    assert resolved(ROWS, "include spend.n").spine == SpineRows(
        source="shop.asked", at="asked_at", keys=("customer_id",)
    )


def test_a_date_may_be_the_as_of_time():
    spine = resolved("spine asked at day", "include spend.n").spine

    assert isinstance(spine, SpineRows)
    assert spine.at == "day"


def test_a_grid_is_a_spine():
    assert resolved(f"{GRID} sample 10%", "include spend.n").spine == SpineGrid(
        every=Duration(7, "d"),
        start=datetime(2024, 1, 1),
        end=datetime(2024, 6, 1),
        sample=Decimal("0.10"),
    )


def test_instants_may_be_parameters():
    found = resolved(
        "spine every 7d from $since to @2024-06-01", "include spend.n", "split by time at $since"
    )

    assert isinstance(found.spine, SpineGrid)
    assert found.spine.start == datetime(2024, 1, 1, 12)
    assert found.split_at == (datetime(2024, 1, 1, 12),)


def test_a_set_needs_no_spine_of_its_own():
    assert resolved("include spend.n").spine is None


def test_a_star_takes_what_is_neither_private_nor_deprecated():
    assert names("include spend.*") == ["spend_7d", "spend_30d", "n"]
    assert names("include extra.*") == ["n"]


def test_a_feature_is_taken_by_its_name_even_so():
    assert names("include extra.old, spend.hidden") == ["old", "hidden"]


def test_columns_have_the_names_that_are_written():
    taken = names("include spend.* as s, extra.n as count_of_sales")

    assert taken == ["s_spend_7d", "s_spend_30d", "s_n", "count_of_sales"]


def test_columns_stand_in_the_order_of_the_text():
    assert names("include profile.city, spend.*", "except spend.spend_30d") == [
        "city",
        "spend_7d",
        "n",
    ]


def test_full_names_are_read():
    assert names("include shop.spend.n") == ["n"]


def test_a_label_is_of_a_group_or_a_column_of_the_spine():
    found = resolved(ROWS, "label left, outcome.spent_next_7d, spent_next_30d", "include spend.n")

    assert [(c.name, c.feature) for c in found.labels] == [
        ("left", None),
        ("spent_next_7d", "shop.outcome.spent_next_7d"),
        ("spent_next_30d", "shop.outcome.spent_next_30d"),
    ]


def test_a_split_has_up_to_three_parts():
    found = resolved("include spend.n", "split by time at @2024-02-01, @2024-03-01")

    assert found.split_at == (datetime(2024, 2, 1), datetime(2024, 3, 1))


def test_consumers_are_those_that_a_set_names_and_those_that_name_it():
    text = dataset("consumer churn_model", "include spend.n")
    text += "## A report.\nconsumer weekly { kind report reads churn, spend.*, load.n }\n"
    program, _ = beside(AROUND + text)

    assert program.readers("shop.churn") == ("shop.churn_model", "shop.weekly")
    assert isinstance(program.consumers["shop.weekly"], Consumer)
    assert program.consumers["shop.weekly"].kind is ConsumerKind.REPORT
    assert program.consumers["shop.weekly"].features == (
        "shop.spend.spend_7d",
        "shop.spend.spend_30d",
        "shop.spend.n",
        "shop.load.n",
    )


@pytest.mark.parametrize(
    ("items", "slug"),
    [
        ([GRID], "missing-item"),
        (["include spend"], "wrong-kind"),
        (["include city"], "unknown-feature"),
        (["include spent.*"], "unknown-declared"),
        (["include spend.nn"], "unknown-feature"),
        (["include spend.spend"], "family-member"),
        (["include load.*"], "other-entity"),
        (["include outcome.*"], "label-leak"),
        (["include gone"], "label-leak"),
        (["include spend.*, extra.*"], "duplicate-column"),
        (["include spend.n as customer_id"], "duplicate-column"),
        (["include spend.n as as_of"], "duplicate-column"),
        ([ROWS, "include spend.n as mood"], "duplicate-column"),
        (["include spend.n as split", "split by time at @2024-01-01"], "duplicate-column"),
        ([ROWS, "include spend.n", "label outcome.gone"], "duplicate-column"),
        ([ROWS, "include spend.n", "label left, left"], "duplicate-column"),
        (["include spend.*", "except extra.n"], "clause-without-effect"),
        (["include spend.*", "except spend.nn"], "unknown-feature"),
        ([ROWS, "include spend.n", "label gone"], "ambiguous-name"),
        (["include spend.n", "label spend.n"], "wrong-kind"),
        (["include spend.n", "label outcome"], "wrong-kind"),
        (["include spend.n", "label spent"], "family-member"),
        (["include spend.n", "label left"], "unknown-feature"),
        ([ROWS, "include spend.n", "label lefd"], "unknown-feature"),
        ([ROWS, "include spend.n", "label phone"], "publishes-pii"),
        ([ROWS, "include spend.n", "label asked_at"], "wrong-kind"),
        ([ROWS, "include spend.n", "label customer_id"], "wrong-kind"),
        (["spine asked at when_", "include spend.n"], "unknown-column"),
        (["spine asked at mood", "include spend.n"], "time-column"),
        (["spine stores at opened", "include spend.n"], "no-role"),
        (["spine every 7d from @2024-02-01 to @2024-01-01", "include spend.n"], "bad-constant"),
        (["spine every 1h from @2020-01-01 to @2024-01-01", "include spend.n"], "bad-constant"),
        (["spine every 0d from @2024-01-01 to @2024-02-01", "include spend.n"], "bad-constant"),
        ([f"{GRID} sample 0%", "include spend.n"], "bad-constant"),
        (["spine every 7d from $least to @2024-02-01", "include spend.n"], "argument-type"),
        (["include spend.n", "split by time at @2024-02-01, @2024-01-01"], "bad-constant"),
        (["include spend.n", "split by customer_id at @2024-02-01"], "split-cut"),
        (["include spend.n", "consumer nobody"], "unknown-declared"),
        (["include spend.n", "consumer churn_model", "consumer churn_model"], "repeated-clause"),
    ],
)
def test_a_mistake_in_a_data_set_is_told_once(items, slug):
    found = diagnose(dataset(*items))

    assert [d.code.slug for d in found] == [slug]


@pytest.mark.parametrize(
    ("item", "slug"),
    [
        ("kind robot", "attribute-value"),
        ("reads churn_modell", "unknown-declared"),
        ("reads spend.* as s", "clause-without-effect"),
        ("reads outcome.gone", "label-leak"),
        ("predictions source asked", "clause-without-effect"),
        ("target label gone", "clause-without-effect"),
    ],
)
def test_a_mistake_in_a_consumer_is_told_once(item, slug):
    found = diagnose(f"## A reader.\nconsumer c {{ {item} }}\n")

    assert [d.code.slug for d in found] == [slug]


def test_a_set_over_something_broken_is_silent():
    text = (
        "features broken for customer from lines { x = sum(amuont) }\nconsumer c { kind robot }\n"
    )
    text += dataset("include broken.*", "consumer c")
    program, found = beside(text)

    assert {d.code.slug for d in found} >= {"unknown-column", "attribute-value"}
    assert len([d for d in found if d.severity.value == "error"]) == 2
    assert program.datasets == {}


def test_nothing_is_taken_from_a_group_that_is_set_apart():
    text = group("x = count()", header="gone_by for customer from sales").replace(
        'owner "', 'deprecated "use spend"\n  owner "'
    )
    found = diagnose(text + dataset("include gone_by.*"))

    assert [d.message for d in found] == [
        "`include gone_by.*` takes no feature: all its features are private or deprecated"
    ]


def leaks(history: str, feature: str) -> list[str]:
    text = f"""
## Who was asked again, and whether they left.
source answers {{
  from csv "answers.csv"
  entity customer
  {history}
  columns {{ customer_id: int required  asked_at: timestamp required  left: bool }}
}}
""" + group(feature, header="answered for customer from answers")
    text += dataset("spine answers at asked_at", "label left", "include answered.*")
    return [d.code.slug for d in diagnose(text)]


@pytest.mark.parametrize(
    ("history", "feature"),
    [
        ("key customer_id", "past = left"),
        ("key customer_id", "past = count(where left)"),
        ("time asked_at", "past = count(where left) over 30d..=0d"),
        ("keep last per customer_id by asked_at", "past = left"),
    ],
)
def test_a_feature_that_reads_the_label_in_its_own_row_is_leakage(history, feature):
    assert leaks(history, feature) == ["label-leak"]


@pytest.mark.parametrize(
    ("history", "feature"),
    [
        ("time asked_at", "past = count(where left) over 30d"),
        ("time asked_at", "past = count() over 30d..=0d"),
        ("time asked_at available after 1d", "past = count(where left) over 30d..=0d"),
    ],
)
def test_past_answers_are_features_like_others(history, feature):
    assert leaks(history, feature) == []


def test_a_label_of_another_entity_is_told_as_such():
    text = group("full = count() > 9 over next 7d", header="crowd for store from sales")
    text = text.replace("features ", "labels ", 1)

    found = diagnose(text + dataset("include spend.n", "label full"))

    assert [d.code.slug for d in found] == ["other-entity"]


def test_expectations_are_about_columns_of_the_output():
    found = resolved(
        ROWS,
        "label left",
        "include spend.* as s",
        "split by time at @2024-02-01",
        "expect unique(customer_id, asked_at)",
        "expect s_n >= 0 or left",
        'expect split in ["train", "test"]',
    )

    assert [e.kind.value for e in found.expectations] == [
        "unique",
        "row_condition",
        "row_condition",
    ]


@pytest.mark.parametrize(
    ("expect", "slug"),
    [
        ("expect n >= 0", "unknown-column"),
        ("expect phone is null", "unknown-column"),
        ("expect unique(spend_7d)", "unknown-column"),
        ("expect freshness < 1d", "window-without-time"),
        ("expect s_n", "not-a-condition"),
    ],
)
def test_a_mistake_in_an_expectation_of_a_data_set_is_told_once(expect, slug):
    found = diagnose(dataset(ROWS, "include spend.* as s", expect))

    assert [d.code.slug for d in found] == [slug]
