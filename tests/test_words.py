"""Expressions as canonical text, features and conditions in plain English."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from featdsl.aggregates.registry import aggregates
from featdsl.compiler.manifest_notes import first_sentence
from featdsl.compiler.options import Options
from featdsl.compiler.phrases import duration_words
from featdsl.compiler.pipeline import compile_text
from featdsl.compiler.window_words import over_words, window_words
from featdsl.ir.expr import LIFETIME, Expr, Window
from featdsl.ir.manifest import FeatureEntry, Manifest
from featdsl.ir.text import canonical, name_text, scalar_text
from featdsl.types.duration import Duration

TEXT = """\
namespace shop
param floor: decimal(12, 2) = 500.00
entity customer { key customer_id: int }
source sales {
  from csv "sales.csv"
  key txn_id
  time sold_at available after 2h
  entity customer
  columns {
    txn_id: int required  customer_id: int required  sold_at: timestamp required  due: timestamp
    status: text  a: int  b: int  amount: decimal(12, 2)  p: bool  q: bool  `odd name`: int
  }
}
view lines from sales { let premium = amount >= $floor }
features spend for customer from lines {
  base = count() over 7d
  other = count() over 30d
  x = EXPRESSION
}
"""


def manifest(expression: str, text: str = TEXT) -> Manifest:
    compiled = compile_text(text.replace("EXPRESSION", expression), options=Options(project="shop"))
    assert [d.message for d in compiled.diagnostics if d.severity == "error"] == []
    return compiled.manifest()


def feature(expression: str, text: str = TEXT) -> FeatureEntry:
    return next(f for f in manifest(expression, text).features if f.short == "x")


def meaning(expression: str) -> Expr:
    compiled = compile_text(TEXT.replace("EXPRESSION", expression), options=Options(project="shop"))
    assert [d.message for d in compiled.diagnostics if d.severity == "error"] == []
    return compiled.program.feature("shop.spend.x").expr


# --- canonical text

SPELLINGS = {
    "sum( amount ) over 7d": "sum(amount over 7d)",
    "sum(amount)": "sum(amount)",
    "sum(amount where status = 'paid' default 0) over 14d..7d":
        'sum(amount where status = "paid" over 14d..7d default 0.00)',
    "count(*)": "count()",
    "(count() + count()) * count()": "(count() + count()) * count()",
    "count() + count() * count()": "count() + count() * count()",
    "(count() - count()) - count()": "count() - count() - count()",
    "count() - (count() - count())": "count() - (count() - count())",
    "count() / (count() / count())": "count() / (count() / count())",
    "-(count() + 1)": "-(count() + 1)",
    "base / (other - base)": "base / (other - base)",
    "base ?? other ?? 0": "base ?? other ?? 0",
    "count(where (p or q) and not (p and q))": "count(where (p or q) and not (p and q))",
    "count(where p or q and not p)": "count(where p or q and not p)",
    "count(where not p is null)": "count(where not p is null)",
    "count(where a in [1, 2] and b not between 1 and 2)":
        "count(where a in [1, 2] and b not between 1 and 2)",
    "count(where status like 'a%' or status is not null)":
        'count(where status like "a%" or status is not null)',
    "count(where (if p then a else b) > 1)": "count(where (if p then a else b) > 1)",
    "if base > 1 then base else other": "if base > 1 then base else other",
    "case when base > 1 then 1 when base > 2 then 2 end":
        "case when base > 1 then 1 when base > 2 then 2 end",
    "sum(`odd name`)": "sum(`odd name`)",
    "count(where sold_at > @2024-01-02)": None,
    "count(where amount > $floor)": "count(where amount > $floor)",
    "count() over 7d<..=0d": "count(over 7d<..=0d)",
    "quantile(amount, 0.9) over 7d": "quantile(amount, 0.9 over 7d)",
    "(base = other) = (other = base)": "(base = other) = (other = base)",
    "count(where sold_at - due > 1d)": "count(where sold_at - due > 1d)",
}  # fmt: skip


@pytest.mark.parametrize(("written", "text"), SPELLINGS.items(), ids=SPELLINGS)
def test_an_expression_has_one_spelling(written: str, text: str | None):
    found = canonical(meaning(written))

    assert found == (found if text is None else text)


@pytest.mark.parametrize("written", SPELLINGS)
def test_canonical_text_means_what_it_was_made_from(written: str):
    expression = meaning(written)

    assert meaning(canonical(expression)) == expression


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (-3, "-3"),
        (Decimal("1.50"), "1.50"),
        (Decimal("1E+3"), "1000"),
        (0.5, "0.5"),
        (1e-7, "1.0e-07"),
        ('a "b"\n\\', '"a \\"b\\"\\n\\\\"'),
        ("\u202e", '"\\u{202e}"'),
        (date(2024, 1, 2), "@2024-01-02"),
        (datetime(2024, 1, 2, 3, 4, 5), "@2024-01-02T03:04:05"),
        (Duration(7, "d"), "7d"),
    ],
)
def test_values_are_written_as_literals(value, text):
    assert scalar_text(value) == text


def test_names_that_would_be_read_as_words_stand_in_backticks():
    assert [name_text(n) for n in ("amount", "where", "null", "a b", "Größe")] == [
        "amount", "`where`", "`null`", "`a b`", "`Größe`",
    ]  # fmt: skip


# --- windows

DAY = Duration(1, "d")
WINDOWS = {
    Window(start=Duration(90, "d")): (
        "over the 90 days before the as-of time",
        "from 90 days before the as-of time up to, but not including, it",
    ),
    Window(start=DAY, end=Duration(0, "h"), end_closed=True): (
        "over the time from 1 day before the as-of time up to and including it",
        "from 1 day before the as-of time up to and including it",
    ),
    Window(start=DAY, start_closed=False): (
        "over the time from just after 1 day before the as-of time up to, but not including, it",
        "from just after 1 day before the as-of time up to, but not including, it",
    ),
    Window(start=Duration(14, "d"), end=Duration(7, "d")): (
        "from 14 to 7 days before the as-of time",
        "from 14 days before the as-of time up to, but not including, 7 days before it",
    ),
    Window(start=Duration(1, "month"), end=Duration(7, "d")): (
        "over the time from 1 month before the as-of time up to, but not including, "
        "7 days before it",
        "from 1 month before the as-of time up to, but not including, 7 days before it",
    ),
    Window(end=Duration(7, "d")): (
        "over the time from the beginning up to, but not including, 7 days before the as-of time",
        "from the beginning up to, but not including, 7 days before the as-of time",
    ),
    Window(end_closed=True): (
        "over the time from the beginning up to and including the as-of time",
        "from the beginning up to and including the as-of time",
    ),
    LIFETIME: ("over all time before the as-of time", "at any time before the as-of time"),
}


@pytest.mark.parametrize(("window", "words"), WINDOWS.items(), ids=map(str, WINDOWS))
def test_windows_are_said_with_their_exact_ends(window: Window, words: tuple[str, str]):
    assert (over_words(window), window_words(window)) == words


def test_lengths_of_one_and_many():
    assert [duration_words(Duration(n, u)) for n, u in ((1, "h"), (2, "h"), (3, "quarter"))] == [
        "1 hour", "2 hours", "3 quarters",
    ]  # fmt: skip


# --- headlines

HEADLINES = {
    "count(where premium) / count() over 90d":
        "Share: number of rows where `premium`, divided by number of rows, over the 90 days "
        "before the as-of time.",
    "sum(amount where p default 0) / sum(amount) over 90d":
        "Share: sum of `amount` where `p` (0 where null), divided by sum of `amount`, over the "
        "90 days before the as-of time.",
    "count(where p) / count(where q) over 7d":
        "Number of rows where `p`, divided by number of rows where `q`, over the 7 days before "
        "the as-of time.",
    "sum(amount) over 7d": "Sum of `amount` over the 7 days before the as-of time.",
    "sum(amount)": "Sum of `amount`.",
    "sum(a * b) over 7d": "Sum of `a * b` over the 7 days before the as-of time.",
    "sum(amount over 7d) / sum(amount over 14d..7d)":
        "Sum of `amount` over the 7 days before the as-of time, divided by sum of `amount` from "
        "14 to 7 days before the as-of time.",
    "base / (other - base)": "`base` divided by (`other` minus `base`).",
    "base - (other - base) / other":
        "`base` minus ((`other` minus `base`) divided by `other`).",
    "days_since(last(sold_at))":
        "Whole days from last `sold_at` to the as-of time.",
    "days_since(last(sold_at where p))":
        "Whole days from (last `sold_at` where `p`) to the as-of time.",
    "count(where status = 'paid' and (a > 1 or b <= 2)) over 7d":
        'Number of rows where `status` is "paid" and (`a` is more than 1 or `b` is at most 2), '
        "over the 7 days before the as-of time.",
    "count(where not p) over 7d":
        "Number of rows where not `p`, over the 7 days before the as-of time.",
    "count(where not (p and q)) over 7d":
        "Number of rows where not (`p` and `q`), over the 7 days before the as-of time.",
    "count(where status in ['a', 'b']) over 7d":
        'Number of rows where `status` is one of "a" or "b", over the 7 days before the as-of '
        "time.",
    "count(where due is not null and sold_at < due) over 7d":
        "Number of rows where `due` is not missing and `sold_at` is before `due`, over the 7 "
        "days before the as-of time.",
    "count(where amount not between 1 and 2) over 7d":
        "Number of rows where `amount` does not lie between 1 and 2 (both included), over the 7 "
        "days before the as-of time.",
    "count(where a + b > 1) over 7d":
        "Number of rows where `a + b` is more than 1, over the 7 days before the as-of time.",
    "count(where amount > $floor) over 7d":
        "Number of rows where `amount` is more than `$floor`, over the 7 days before the as-of "
        "time.",
    "exists(where p) over 7d":
        "Whether there is a row where `p`, over the 7 days before the as-of time.",
    "count(where p) > 3 over 7d":
        "Whether (number of rows where `p`) is more than 3, over the 7 days before the as-of "
        "time.",
    "sum(amount) over 7d default 0":
        "Sum of `amount` or, where that is null, 0, over the 7 days before the as-of time.",
    "if base > 1 then base else other":
        "`base` if `base` is more than 1; otherwise `other`.",
    "ratio(p where q) over 7d":
        "Share of rows where `p` among rows where `q`, over the 7 days before the as-of time.",
    "any(a > 1 where q) over 7d":
        "Whether there is a row where `a` is more than 1 among rows where `q`, over the 7 days "
        "before the as-of time.",
    "((((base + 1) * 2 + 1) * 2) + 1) * 2 + 1":
        "The value of `(((base + 1) * 2 + 1) * 2 + 1) * 2 + 1`.",
    "count(where a in [1, 2, 3, 4, 5, 6, 7]) over 7d":
        "Number of rows where `a in [1, 2, 3, 4, 5, 6, 7]`, over the 7 days before the as-of "
        "time.",
}  # fmt: skip


@pytest.mark.parametrize(("written", "said"), HEADLINES.items(), ids=HEADLINES)
def test_a_feature_is_said_in_words(written: str, said: str):
    assert feature(written).headline == said


def test_a_sentence_says_rows_ends_and_delay():
    assert feature("sum(amount) over 90d").sentence == (
        "Sum of `amount` over the 90 days before the as-of time. It reads rows of `lines` with "
        "`sold_at` from 90 days before the as-of time up to, but not including, it. Rows are "
        "visible 2 hours after they happen."
    )


def test_a_sentence_of_several_windows_gives_the_ends_of_each():
    assert feature("sum(amount over 7d) / sum(amount over 14d..=7d)").sentence.endswith(
        "It reads rows of `lines` with `sold_at` from 7 days before the as-of time up to, but not "
        "including, it; and from 14 days before the as-of time up to and including 7 days before "
        "it. Rows are visible 2 hours after they happen."
    )


def test_a_feature_of_features_says_that_they_are_of_one_time():
    assert feature("base / other").sentence == (
        "`base` divided by `other`. All are of the same `customer` and as-of time."
    )


def test_details_say_what_names_stand_for():
    details = feature("count(where premium) over 7d").details

    assert details == (
        "`premium` is `amount >= $floor`.",
        f"`count`: {aggregates()['count'].meaning}",
        "`$floor` is `500.00` unless set otherwise.",
    )


def test_a_secret_parameter_s_default_is_not_said():
    secret = TEXT.replace("param floor", "secret param floor")

    assert "500.00" not in feature("count(where premium) over 7d", secret).model_dump_json()


HISTORIES = {
    "time sold_at available after 2h": "Rows are visible 2 hours after they happen.",
    "time sold_at available due": "Rows are visible from their `due` on.",
    "time sold_at": "Rows are visible as soon as they happen.",
    "time sold_at available after 2h keep last per txn_id by due":
        "Rows are visible 2 hours after they happen. Of the versions of one `txn_id`, the "
        "visible one with the largest `due` counts; a version is visible 2 hours after its "
        "`due` at the earliest.",
    "time sold_at keep last per txn_id by due, a":
        "Rows are visible as soon as they happen. Of the versions of one `txn_id`, the visible "
        "one with the largest `due` then `a` counts; a version is visible from its `due` on, at "
        "the earliest.",
    "time sold_at available due keep first per txn_id by a removed when p":
        "Rows are visible from their `due` on. Of the versions of one `txn_id`, the visible one "
        "with the smallest `a` counts, and takes the row away where `p`.",
    "time sold_at snapshot due available after 2h":
        "Rows of one `due` are the whole table: those of the latest that is visible count; it is "
        "visible 2 hours after `due`. Rows are visible 2 hours after they happen.",
    "time sold_at snapshot sold_at available due":
        "Rows of one `sold_at` are the whole table: those of the latest that is visible count; "
        "it is visible once `sold_at` and the `due` of all of its rows have come.",
}  # fmt: skip


@pytest.mark.parametrize(("written", "said"), HISTORIES.items(), ids=HISTORIES)
def test_a_source_says_what_is_seen_when(written: str, said: str):
    text = TEXT.replace("time sold_at available after 2h", written)
    (source,) = manifest("count() over 7d", text).sources

    assert source.history_words == said


EXPECTATIONS = {
    "a between 0 and 1": "In every row, `a` lies between 0 and 1 (both included); null passes.",
    "amount > 0 allow 0.1% warn":
        "In all but 0.1% of the rows, `amount` is more than 0; null passes (a warning only).",
    "amount is not null": "In every row, `amount` is not missing.",
    "txn_id > 0": "In every row, `txn_id` is more than 0.",
    "unique(txn_id, a)": "No two rows have the same `txn_id` and `a`.",
    "rows() > 10": "The number of rows is more than 10.",
    "null_rate(a) < 5%": "The share of rows without `a` is less than 5%.",
    "freshness <= 1d": "The newest visible row is at most 1 day older than the as-of time.",
}  # fmt: skip


@pytest.mark.parametrize(("written", "said"), EXPECTATIONS.items(), ids=EXPECTATIONS)
def test_an_expectation_is_said_in_words(written: str, said: str):
    text = TEXT.replace("  entity customer\n", f"  entity customer\n  expect {written}\n", 1)
    (source,) = manifest("count() over 7d", text).sources

    assert [e.words for e in source.expectations] == [said]


@pytest.mark.parametrize("name", sorted(aggregates()))
def test_every_aggregate_has_words(name: str):
    assert aggregates()[name].words is not None


@pytest.mark.parametrize(
    ("doc", "first"),
    [
        (None, None),
        ("  ", None),
        ("Money spent", "Money spent"),
        ("Money spent. In INR.", "Money spent."),
        ("Money spent, e.g. on wine. In INR.", "Money spent, e.g. on wine."),
        ("Two\nlines. More.", "Two lines."),
        ("One paragraph\n\nanother", "One paragraph"),
    ],
)
def test_the_first_sentence_of_a_doc_comment_is_its_summary(doc, first):
    assert first_sentence(doc) == first
