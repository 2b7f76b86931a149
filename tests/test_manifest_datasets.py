"""Labels, data sets and consumers in the manifest: words, columns, readers, fingerprints."""

from __future__ import annotations

import pytest

from featdsl.compiler.options import Options
from featdsl.compiler.pipeline import compile_text
from featdsl.ir.manifest import DatasetEntry, FeatureEntry, Manifest
from featdsl.ir.program import Origin

TEXT = """\
namespace shop
param begin: date = @2024-02-01
entity customer { key customer_id: int  from customers }
source customers {
  from csv "customers.csv"
  valid since to until
  entity customer
  columns { customer_id: int required  city: text  since: timestamp  until: timestamp }
}
source sales {
  from csv "sales.csv"
  key txn_id
  time sold_at available after 2h
  entity customer
  columns {
    txn_id: int required  customer_id: int required  sold_at: timestamp required  amount: int
  }
}
source calls {
  from csv "calls.csv"
  entity customer
  columns { customer_id: int  called_at: timestamp  stayed: bool  phone: text pii }
}
features spend for customer from sales {
  owner "a@example.com"
  spend[7d, 30d] = sum(amount)
  n = count()
}
features profile for customer from customers { city = city }
labels outcome for customer from sales {
  gone = n = 0
  n = count() over next 30d
  spent[next 7d, next 30d] = sum(amount)
  before = sum(amount) over 30d
}
consumer churn_model { kind model }
consumer report { kind report  reads churn, profile.city }
dataset churn for customer {
  consumer churn_model
  spine calls at called_at
  label stayed, outcome.gone
  include spend.*, profile.city as home
  except spend.n
  split by time at @2024-01-01, $begin
}
dataset weeks for customer {
  spine every 7d from @2024-01-01 to $begin sample 12.5%
  include spend.n
}
"""


def manifest(text: str = TEXT, **options: object) -> Manifest:
    compiled = compile_text(text, options=Options(project="shop", **options))  # type: ignore[arg-type]
    assert [d.message for d in compiled.diagnostics if d.severity == "error"] == []
    return compiled.manifest()


MANIFEST = manifest()


def label(name: str) -> FeatureEntry:
    return next(found for found in MANIFEST.labels if found.short == name)


def dataset(name: str = "churn", text: str = TEXT, **options: object) -> DatasetEntry:
    return next(d for d in manifest(text, **options).datasets if d.short == name)


def test_labels_stand_apart_from_features():
    assert [f.short for f in MANIFEST.labels] == [
        "gone", "n", "spent_next_7d", "spent_next_30d", "before",
    ]  # fmt: skip
    assert [g.short for g in MANIFEST.label_groups] == ["outcome"]
    assert not any(f.label for f in MANIFEST.features)
    assert all(f.label for f in MANIFEST.labels)


def test_a_label_is_said_with_its_ends_and_until_when_it_is_null():
    assert label("spent_next_7d").sentence == (
        "Sum of `amount` in the 7 days after the as-of time. It reads rows of `sales` with "
        "`sold_at` from the as-of time up to, but not including, 7 days after it. Rows count as "
        "they are known in the end, whenever they could be seen. Null until the 7 days after the "
        "as-of time, and then 2 hours, after which rows can be seen, are over."
    )


def test_a_label_of_labels_is_null_until_theirs_are_over():
    assert label("gone").sentence.endswith("are over.")


def test_a_label_that_looks_back_is_never_early():
    assert "Null until" not in label("before").sentence


def test_columns_of_a_data_set_stand_in_order_with_what_they_are():
    assert [(c.name, c.role, c.feature) for c in dataset().columns] == [
        ("customer_id", "key", None),
        ("called_at", "time", None),
        ("stayed", "label", None),
        ("spend_7d", "feature", "shop.spend.spend_7d"),
        ("spend_30d", "feature", "shop.spend.spend_30d"),
        ("home", "feature", "shop.profile.city"),
        ("gone", "label", "shop.outcome.gone"),
        ("split", "split", None),
    ]


def test_a_grid_s_columns_begin_with_the_keys_and_the_time():
    assert [c.name for c in dataset("weeks").columns] == ["customer_id", "as_of", "n"]


def test_rows_and_split_are_said_in_words():
    assert dataset().words == "A row for each row of `calls`, as of its `called_at`."
    assert dataset().split_words == (
        "`train` before 2024-01-01, `validation` from then on to before `$begin`, then `test`."
    )
    assert dataset("weeks").words == (
        "A row for each `customer` that `customers` lists, every 7 days from 2024-01-01 to "
        "`$begin`. 12.5% of them, always the same."
    )


def test_readers_are_known_from_both_sides():
    city = next(f for f in MANIFEST.features if f.short == "city")

    assert dataset().consumers == ("shop.churn_model", "shop.report")
    assert {c.short: c.datasets for c in MANIFEST.consumers} == {
        "churn_model": ("shop.churn",),
        "report": ("shop.churn",),
    }
    assert (city.datasets, city.consumers) == (
        ("shop.churn",),
        ("shop.churn_model", "shop.report"),
    )


def test_columns_know_the_labels_that_rest_on_them():
    sales = next(s for s in MANIFEST.sources if s.short == "sales")
    amount = next(c for c in sales.columns if c.name == "amount")

    assert amount.used_by == ("shop.spend.spend_7d", "shop.spend.spend_30d")
    assert amount.labels == (
        "shop.outcome.spent_next_7d",
        "shop.outcome.spent_next_30d",
        "shop.outcome.before",
    )


def test_a_manifest_with_data_sets_is_json_and_comes_back():
    assert Manifest.model_validate_json(MANIFEST.model_dump_json()) == MANIFEST


# fingerprints


def test_a_label_is_not_the_feature_of_the_same_words():
    feature = next(f for f in MANIFEST.features if f.short == "spend_30d")

    assert label("before").expression == feature.expression
    assert label("before").fingerprint.data != feature.fingerprint.data


DROPS = "  drop when stayed\n  columns { customer_id: int  c"
MEANS_SOMETHING = {
    "a feature's meaning": ("spend[7d, 30d] = sum(", "spend[7d, 30d] = max("),
    "a label's window": ("n = count() over next 30d", "n = count() over next 31d"),
    "the order of columns": ("spend.*, profile.city as home", "profile.city as home, spend.*"),
    "a column's name": ("as home", "as town"),
    "what is left out": ("  except spend.n\n", ""),
    "which labels": ("label stayed, outcome.gone", "label outcome.gone"),
    "the split": ("at @2024-01-01, $begin", "at @2024-01-02, $begin"),
    "a parameter's default": ("= @2024-02-01", "= @2024-02-02"),
    "a column of the spine": ("stayed: bool  phone", "stayed: bool  mood: int  phone"),
    "which rows of the spine": ("  columns { customer_id: int  c", DROPS),
}  # fmt: skip


@pytest.mark.parametrize("change", MEANS_SOMETHING)
def test_what_changes_a_training_set_changes_its_fingerprint(change: str):
    old, new = MEANS_SOMETHING[change]
    assert TEXT.count(old) == 1

    assert dataset(text=TEXT.replace(old, new)).fingerprint.data != dataset().fingerprint.data


MEANS_NOTHING = {
    "a comment": ("dataset churn", "# A comment.\ndataset churn"),
    "an owner": ("  spine calls", '  owner "b@example.com"\n  spine calls'),
    "a consumer": ("  consumer churn_model\n", ""),
    "another data set": ("every 7d from", "every 14d from"),
    "a feature that is not in it": ("  n = count()\n}", "  n = count() over 1d\n}"),
    "the ends of lines": (
        "  label stayed, outcome.gone",
        "  label stayed,\n    outcome.gone",
    ),
}


@pytest.mark.parametrize("change", MEANS_NOTHING)
def test_what_does_not_change_a_training_set_keeps_its_fingerprint(change: str):
    old, new = MEANS_NOTHING[change]
    assert TEXT.count(old) == 1

    assert dataset(text=TEXT.replace(old, new)).fingerprint.data == dataset().fingerprint.data


def test_a_value_of_a_run_is_in_no_fingerprint():
    run = dataset(params={"begin": ("2024-03-01", Origin.COMMAND)})

    assert run == dataset()


def test_readers_are_metadata():
    other = dataset(text=TEXT.replace("  consumer churn_model\n", ""))

    assert other.fingerprint.metadata != dataset().fingerprint.metadata
