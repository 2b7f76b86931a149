"""Wanted features, and what models predict: shown, documented, in the manifest."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

TEXT = """\
## A person.
entity customer { key customer_id: int }
## Sales.
source sales {
  from parquet "sales.parquet"
  key sale_id
  time sold_at
  entity customer
  columns { sale_id: int  customer_id: int  sold_at: timestamp  amount: int }
}
## How many kinds of goods.
wanted variety for customer {
  by "marketing@example.com"
  since @2026-03-01
  status accepted because "churn reviews ask for it"
}
## Money.
wanted spend for customer { by "sales@example.com" }
## Money.
features money for customer from sales {
  owner "a@example.com"
  ## Money spent.
  spend[7d, 30d] = sum(amount)
}
## What happens.
labels outcome for customer from sales {
  owner "a@example.com"
  ## Whether they buy.
  buys = exists() over next 30d
}
## Scores.
consumer churn_model { kind model  predictions source sales  target label buys }
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "featc.toml").write_text('[project]\nname = "shop"\n', "utf-8")
    (tmp_path / "all.feat").write_text(TEXT, "utf-8")
    return tmp_path


def test_a_wanted_feature_says_who_asked_and_what_was_decided(featc, project: Path) -> None:
    shown = featc("show", "variety", cwd=project)

    assert "shop.variety  wanted of shop.customer, accepted" in shown.out
    for part in ("marketing@example.com", "2026-03-01", "churn reviews ask for it"):
        assert part in shown.out


def test_a_feature_of_its_name_closes_it(featc, project: Path) -> None:
    entry = json.loads(featc("show", "shop.spend", "--json", cwd=project).out)
    family = json.loads(featc("show", "money.spend", "--json", cwd=project).out)

    assert entry["status"] == "done"
    assert entry["features"] == ["shop.money.spend_7d", "shop.money.spend_30d"]
    assert [f["short"] for f in family] == ["spend_7d", "spend_30d"]


def test_requests_that_are_open_are_counted(featc, project: Path) -> None:
    checked = featc("check", cwd=project)

    assert "1 wanted feature" in checked.out + checked.err


def test_a_model_shows_its_predictions_and_its_target(featc, project: Path) -> None:
    shown = json.loads(featc("show", "churn_model", "--json", cwd=project).out)

    assert shown["predictions"] == "shop.sales"
    assert shown["target"] == "shop.outcome.buys"


def test_the_documentation_lists_requests(featc, project: Path) -> None:
    made = featc("docs", "--out", str(project / "site"), cwd=project)
    index = (project / "site" / "index.html").read_text("utf-8")
    model = (project / "site" / "consumers" / "shop.churn_model.html").read_text("utf-8")

    assert made.status == 0
    assert 'id="requests"' in index
    assert "churn reviews ask for it" in index
    assert "features/shop.money.spend_7d.html" in index
    assert "shop.outcome.buys.html" in model
