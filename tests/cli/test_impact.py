"""`featc impact`: what rests on a feature or a column; and the selector `changed:`."""

from __future__ import annotations

from pathlib import Path

import pytest
from shop import shop

TEXT = """\
namespace shop

entity customer { key customer_id: int }

source orders {
  from csv "orders.csv"
  key order_id
  time ordered_at
  entity customer
  columns {
    order_id:    int       required
    customer_id: int       required
    ordered_at:  timestamp required
    amount:      decimal(12, 2)
    status:      text
  }
}

view paid from orders { where status = "paid" }

features spend for customer from paid {
  total = sum(amount default 0) over 30d
  orders = count() over 30d
  mean = total / orders
}

features rank for customer {
  above = spend.mean > 10
}

features seen for customer from orders {
  status = last(status)
}

labels outcome for customer from orders { buys = sum(amount) over next 30d }

dataset money for customer {
  spine orders at ordered_at
  include spend.total, rank.above
  label outcome.buys
  consumer churn
}

dataset states for customer { include seen.status }

consumer report { kind report  reads seen.status }

consumer churn { kind model }

test "what was paid" {
  given orders
    | order_id | customer_id | ordered_at | amount | status |
    | 1        | 1           | 2024-01-01 | 5.00   | paid   |

  at @2024-01-03
  then spend
    | customer_id | total |
    | 1           | 5.00  |
}

test "what was seen" {
  given orders
    | order_id | customer_id | ordered_at | amount | status |
    | 1        | 1           | 2024-01-01 | 5.00   | open   |

  at @2024-01-03
  then seen
    | customer_id | status |
    | 1           | open   |
}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shop(tmp_path, text=TEXT)
    return tmp_path


def paths(found) -> dict[str, list[str]]:
    return {
        f"{r['kind']} {r['name'].removeprefix('shop.')}": [
            p.removeprefix("shop.") for p in r["path"]
        ]
        for r in found["rests"]
    }


def test_what_rests_on_a_column_comes_with_the_shortest_way(featc, project):
    found = featc("impact", "orders.amount", "--json", cwd=project).json

    assert (found["name"], found["kind"]) == ("shop.orders.amount", "column")
    assert paths(found) == {
        "label outcome.buys": ["orders.amount", "outcome.buys"],
        # Its spine has the column, too.
        "dataset money": ["orders.amount", "money"],
        "consumer churn": ["orders.amount", "money", "churn"],
        "feature spend.total": ["orders.amount", "paid", "spend.total"],
        "feature spend.mean": ["orders.amount", "paid", "spend.total", "spend.mean"],
        "feature rank.above": [
            "orders.amount", "paid", "spend.total", "spend.mean", "rank.above",
        ],
    }  # fmt: skip
    roles = {r["name"]: r["roles"] for r in found["rests"]}
    assert (roles["shop.spend.total"], roles["shop.spend.mean"]) == (["value"], [])


def test_a_column_of_a_condition_reaches_all_that_the_view_gives(featc, project):
    found = paths(featc("impact", "orders.status", "--json", cwd=project).json)

    assert found["feature spend.orders"] == ["orders.status", "paid", "spend.orders"]
    assert found["dataset states"] == ["orders.status", "seen.status", "states"]
    assert found["consumer report"] == ["orders.status", "seen.status", "report"]
    assert "label outcome.buys" not in found


def test_a_column_of_a_spine_reaches_its_data_set(featc, project):
    text = project / "shop.feat"
    text.write_text(
        text.read_text()
        .replace("spine orders at", "spine big at")
        .replace("dataset money", "view big from orders { where amount > 3 }\n\ndataset money")
    )
    found = paths(featc("impact", "orders.amount", "--json", cwd=project).json)

    assert found["dataset money"] == ["orders.amount", "big", "money"]
    key = paths(featc("impact", "orders.order_id", "--json", cwd=project).json)
    assert key["dataset money"] == ["orders.order_id", "big", "money"]


def test_what_rests_on_a_feature_a_view_and_nothing(featc, project):
    feature = paths(featc("impact", "spend.total", "--json", cwd=project).json)
    view = paths(featc("impact", "paid", "--json", cwd=project).json)
    shown = featc("impact", "money", cwd=project).out
    nothing = featc("impact", "report", cwd=project)

    assert feature == {
        "feature spend.mean": ["spend.total", "spend.mean"],
        "dataset money": ["spend.total", "money"],
        "feature rank.above": ["spend.total", "spend.mean", "rank.above"],
        "consumer churn": ["spend.total", "money", "churn"],
    }
    assert view["feature spend.orders"] == ["paid", "spend.orders"]
    assert "feature seen.status" not in view
    assert "shop.churn" in shown and "1 consumer" in shown
    assert (nothing.status, nothing.out.splitlines()[-1]) == (0, "nothing rests on it")
    assert featc("impact", "orders.amont", cwd=project).status == 1


CHANGE = ("total = sum(amount default 0)", "total = sum(amount default 1)")


def test_changed_selects_what_a_plan_says(featc, project):
    assert featc("run", "--as-of", "2026-02-01", cwd=project).status == 0
    featc("compile", "--emit", "manifest", cwd=project)
    manifest = featc("compile", "--emit", "manifest", cwd=project).out
    (project / "main.json").write_text(manifest)
    nothing = featc("run", "changed:", "--as-of", "2026-02-01", cwd=project)
    text = project / "shop.feat"
    text.write_text(text.read_text().replace(*CHANGE))
    compiled = featc("compile", "changed:", "--emit", "lineage", cwd=project).json
    same = featc("compile", "changed:main.json", "--emit", "lineage", cwd=project).json
    tested = featc("test", "changed:", cwd=project).out
    ran = featc("run", "changed:", "--as-of", "2026-02-01", "--json", cwd=project)

    assert nothing.errors == [
        "error[FD0613 selects-nothing]: selector `changed:` matches no feature"
    ]
    names = {f["name"].removeprefix("shop.") for f in compiled}
    assert names == {"spend.total", "spend.mean", "rank.above"}
    assert compiled == same
    assert "what was paid" in tested and "what was seen" not in tested
    # Sets are published whole: their other columns stay.
    outputs = ran.events[-1]["record"]["outputs"]
    assert [(o["group"], len(o["profile"])) for o in outputs] == [
        ("shop.spend", 3),
        ("shop.rank", 1),
    ]
    left = featc("plan", "--json", cwd=project).json["features"]
    assert left == []
