"""`featc show` and `lineage` of labels, data sets and consumers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

QUICKSTART = Path(__file__).parents[2] / "features" / "quickstart"


def test_a_data_set_shows_its_rows_columns_and_readers(featc):
    shown = featc("show", "churn", cwd=QUICKSTART)

    assert shown.status == 0
    for part in ("A row for each row of `reviews`", "retail.churn_model", "label", "split"):
        assert part in shown.out


def test_a_consumer_shows_what_it_reads(featc):
    shown = featc("show", "churn_model", "--json", cwd=QUICKSTART)

    assert json.loads(shown.out)["datasets"] == ["retail.churn"]


def test_a_label_says_when_it_is_known(featc):
    shown = featc("show", "next_30d.churned", cwd=QUICKSTART)

    assert "Null until the 30 days after the as-of time" in " ".join(shown.out.split())


def test_a_data_set_has_sql_and_a_plan(featc):
    sql = featc("show", "churn", "--sql", cwd=QUICKSTART)
    plan = featc("show", "churn", "--plan", cwd=QUICKSTART)

    assert sql.out.startswith("WITH")
    assert "reviews" in plan.out


@pytest.mark.parametrize("name", ["next_30d", "next_30d.churned", "churn_model"])
def test_labels_and_consumers_have_no_sql_of_their_own(featc, name: str):
    shown = featc("show", name, "--sql", cwd=QUICKSTART)

    assert shown.status == 2
    assert "has no SQL of its own" in shown.err


def test_the_lineage_of_a_data_set_is_its_spine_and_its_columns(featc):
    edges = json.loads(featc("lineage", "churn", "--json", cwd=QUICKSTART).out)["edges"]

    assert {"from": "retail.reviews", "to": "retail.churn"} in edges
    assert {"from": "retail.profile.city", "to": "retail.churn"} in edges
    assert {"from": "retail.next_30d.churned", "to": "retail.churn"} in edges
    assert {"from": "retail.churn", "to": "retail.churn_model"} in edges


def test_a_column_leads_to_the_models_that_rest_on_it(featc):
    found = featc("lineage", "customers.city", "--down", cwd=QUICKSTART)

    assert "retail.profile.city" in found.out
    assert "retail.churn_model" in found.out


def test_a_source_leads_to_the_data_set_whose_spine_it_is(featc):
    found = featc("lineage", "reviews", "--down", cwd=QUICKSTART)

    assert "retail.churn " in found.out
