"""The manifest: everything declared, lineage to columns, nothing secret, the same every time."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from featdsl.compiler.options import Options
from featdsl.compiler.pipeline import compile_project
from featdsl.ir.manifest import FeatureEntry, Manifest
from featdsl.ir.program import Origin
from featdsl.text.sources import SourceSet

ROOT = Path(__file__).parents[1]
SCHEMA = ROOT / "docs" / "schemas" / "manifest.schema.json"

DATA = """\
namespace shop
## Price from which a product counts as premium. In INR.
param floor: decimal(12, 2) = 500.00
secret param folder: text = "S3CR3T-default"

## Who buys.
entity customer { key customer_id: int  from customers }

## Sales.
source sales {
  from csv "{$folder}/sales.csv"
  key txn_id
  time sold_at available after 2h
  entity customer
  columns {
    txn_id: int required  customer_id: int required  sku: int  seen_at: timestamp
    sold_at: timestamp required  status: text  amount: decimal(12, 2) "Line total"
    phone: text pii
  }
  drop when amount < 0 because "till corrections"
  expect unique(txn_id)
}
source products {
  from csv "products.csv"
  valid from_ts to to_ts
  columns {
    sku: int required  price: decimal(12, 2)  kind: text  from_ts: timestamp  to_ts: timestamp
  }
}
source customers {
  from csv "customers.csv"
  valid since to until
  entity customer
  columns { customer_id: int required  city: text  since: timestamp  until: timestamp }
}
view lines from sales {
  join products as p on sku = p.sku
  let premium: bool = p.price >= $floor
  where status = "paid"
}
"""
FEATURES = """\
namespace shop
## What a customer spends.
features spend for customer from lines {
  owner "a@example.com"
  tags ["money"]
  ## Money spent. All of it.
  spend[7d, 30d] = sum(amount default 0) { unit "INR" tags ["inr"] }
  share = count(where premium) / count() over 7d { expect share between 0 and 1 }
  newest = last(sku)
  trend = spend_7d / spend_30d
  note "Gift cards are counted when bought."
}
features profile for customer from customers { city = city }
"""
TESTS = """\
namespace shop
test "two lines" {
  given lines
    | txn_id | customer_id | sold_at             | amount | premium |
    | 1      | 1           | 2024-01-01 10:00:00 | 10.00  | true    |
    | 2      | 1           | 2024-01-02 10:00:00 |        | false   |
  $floor = 100.00
  at @2024-01-03
  then spend
    | customer_id | share | spend_7d |
    | 1           | 0.5   | 10.00    |
}
"""
FILES = {"data.feat": DATA, "features/spend.feat": FEATURES, "tests.feat": TESTS}


def build(files: dict[str, str] = FILES, **options: object) -> Manifest:
    compiled = compile_project(SourceSet.of(files), Options(project="shop", **options))  # type: ignore[arg-type]
    assert [d.message for d in compiled.diagnostics if d.severity == "error"] == []
    return compiled.manifest()


def feature(name: str, manifest: Manifest | None = None) -> FeatureEntry:
    return next(f for f in (manifest or build()).features if f.short == name)


def lineage(name: str) -> dict[str, tuple[str, ...]]:
    return {f"{c.source.removeprefix('shop.')}.{c.column}": c.roles for c in feature(name).columns}


def test_the_published_schema_is_that_of_the_manifest():
    text = json.dumps(Manifest.model_json_schema(), indent=2) + "\n"
    if os.environ.get("FEATC_UPDATE_GOLDEN"):
        SCHEMA.write_text(text, encoding="utf-8")

    assert SCHEMA.read_text(encoding="utf-8") == text


def test_a_manifest_is_json_and_comes_back():
    manifest = build()

    assert Manifest.model_validate_json(manifest.model_dump_json()) == manifest


def test_everything_declared_is_in_it():
    m = build()

    assert [
        [e.short for e in kind] for kind in (m.parameters, m.entities, m.sources, m.views, m.groups)
    ] == [
        ["floor", "folder"],
        ["customer"],
        ["sales", "products", "customers"],
        ["lines"],
        ["spend", "profile"],
    ]


def test_features_stand_in_the_order_of_the_text():
    assert [f.short for f in build().features] == [
        "spend_7d", "spend_30d", "share", "newest", "trend", "city",
    ]  # fmt: skip


def test_a_feature_says_where_it_is_declared_and_what_is_written_there():
    found = feature("spend_7d")

    assert (found.place.file, found.place.line, found.definition) == (
        "features/spend.feat",
        7,
        'spend[7d, 30d] = sum(amount default 0) { unit "INR" tags ["inr"] }',
    )


def test_a_feature_has_its_group_s_owner_and_tags():
    found = feature("spend_7d")

    assert (found.note.owner, found.note.tags, found.note.summary) == (
        "a@example.com",
        ("money", "inr"),
        "Money spent.",
    )


def test_lineage_reaches_columns_through_views_and_joins_with_roles():
    assert lineage("share") == {
        "customers.customer_id": ("key",),
        "customers.since": ("time",),
        "customers.until": ("time",),
        "products.from_ts": ("time",),
        "products.price": ("filter",),
        "products.sku": ("key",),
        "products.to_ts": ("time",),
        "sales.amount": ("filter",),
        "sales.customer_id": ("key",),
        "sales.sku": ("key",),
        "sales.sold_at": ("time",),
        "sales.status": ("filter",),
    }


def test_only_ordered_aggregates_rest_on_what_breaks_ties():
    assert (lineage("newest").get("sales.txn_id"), lineage("spend_7d").get("sales.txn_id")) == (
        ("time",),
        None,
    )


def test_a_column_says_which_views_are_passed():
    found = {
        c.column: c.through for c in feature("share").columns if c.column in ("price", "since")
    }

    assert found == {"price": ("shop.lines",), "since": ()}


def test_a_feature_of_features_rests_on_their_columns_though_not_directly():
    found = {c.column: c.direct for c in feature("trend").columns}

    assert (found["amount"], found["customer_id"], feature("trend").features) == (
        False,
        False,
        ("shop.spend.spend_7d", "shop.spend.spend_30d"),
    )


def test_a_column_knows_the_features_that_rest_on_it():
    m = build()
    used = {c.name: c.used_by for s in m.sources for c in s.columns}

    assert (used["price"], used["phone"], used["kind"], used["city"]) == (
        ("shop.spend.share",),
        (),
        (),
        ("shop.profile.city",),
    )


def test_a_feature_knows_what_is_made_of_it_and_which_tests_state_its_value():
    found = feature("spend_7d")

    assert (found.used_by, found.tests) == (("shop.spend.trend",), ("two lines",))


def test_parameters_reach_features_through_views_and_locations():
    m = build()
    used = {p.short: [n.rpartition(".")[2] for n in p.used_by] for p in m.parameters}

    assert used == {
        "floor": ["share"],
        "folder": ["spend_7d", "spend_30d", "share", "newest", "trend"],
    }


def test_sources_and_views_know_who_reads_them():
    m = build()

    assert {e.short: e.used_by for e in (*m.sources, *m.views)} == {
        "sales": ("shop.lines",),
        "products": ("shop.lines",),
        "customers": ("shop.profile",),
        "lines": ("shop.spend",),
    }


def test_a_test_is_shown_as_tables_of_text():
    (test,) = build().tests

    assert (test.given[0].rows, test.expected[0].columns, test.expected[0].rows) == (
        (
            ("1", "1", "2024-01-01 10:00:00", "10.00", "true"),
            ("2", "1", "2024-01-02 10:00:00", None, "false"),
        ),
        ("customer_id", "as_of", "share", "spend_7d"),
        (("1", "2024-01-03 00:00:00", "0.5", "10.00"),),
    )


def test_an_expectation_of_a_group_knows_the_features_it_speaks_of():
    text = FEATURES.replace("  note", "  expect spend_7d <= spend_30d\n  note")
    group = build(FILES | {"features/spend.feat": text}).groups[0]

    assert group.expectations[0].features == ("shop.spend.spend_7d", "shop.spend.spend_30d")


def test_a_join_is_said_in_words():
    (view,) = build().views

    assert view.joins[0].words == (
        "`p` is the row of `products` where `sku` is its `sku`, as it was visible at the row's "
        "`sold_at`; null where there is none."
    )


def test_the_same_text_gives_the_same_bytes():
    assert build().model_dump_json() == build().model_dump_json()


def test_files_in_another_order_give_the_same_manifest():
    backwards = dict(reversed(FILES.items()))

    assert build(backwards) == build(FILES)


def test_no_secret_and_no_value_of_a_run_is_in_it():
    m = build(
        params={"folder": ("S3CR3T-given", Origin.COMMAND), "floor": ("7.00", Origin.COMMAND)}
    )

    assert [s for s in ("S3CR3T", "7.00") if s in m.model_dump_json()] == []


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("https://u:S3CR3T@example.com/x.csv", "https://***@example.com/x.csv"),
        ("host=h password=S3CR3T user=u", "host=h password=*** user=u"),
        ("x.csv", "x.csv"),
    ],
)
def test_passwords_in_locations_are_struck_out(location: str, shown: str):
    files = FILES | {"data.feat": DATA.replace('"products.csv"', f'"{location}"')}
    m = build(files)

    assert (
        m.sources[1].location,
        "S3CR3T-" in m.model_dump_json(),
        m.sources[1].text.count("S3CR3T"),
    ) == (
        shown,
        False,
        0,
    )


def test_a_feature_called_secret_keeps_its_definition():
    files = FILES | {"features/spend.feat": FEATURES.replace("newest =", "token =")}

    assert feature("token", build(files)).definition == "token = last(sku)"
