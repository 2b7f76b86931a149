"""`featc plan`: what the texts would change of what is published."""

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

param floor: decimal(12, 2) = 1.00

features spend for customer from paid {
  ## Money.
  total = sum(amount default 0) over 30d
  orders = count() over 30d
  mean = total / orders
  large = count(where amount > $floor) over 30d
}

features seen for customer from orders {
  status = last(status)
}

dataset money for customer {
  include spend.total, spend.mean
  consumer churn
}

dataset states for customer { include seen.status }

consumer report { kind report  reads seen.status }

consumer churn { kind model }
"""


@pytest.fixture
def planned(featc, tmp_path: Path):
    """A published project; gives the plan after a change of its text."""
    shop(tmp_path, text=TEXT)
    assert featc("run", "--as-of", "2026-02-01", cwd=tmp_path).status == 0

    def plan(old: str = "", new: str = "", *more: str):
        assert old in TEXT
        (tmp_path / "shop.feat").write_text(TEXT.replace(old, new, 1) if old else TEXT)
        return featc("plan", *more, cwd=tmp_path)

    return plan


LABELS = """
labels outcome for customer from orders { buys = count() over next 30d }
"""


def test_labels_that_no_run_publishes_are_not_new_each_time(featc, planned, tmp_path):
    (tmp_path / "shop.feat").write_text(TEXT + LABELS)
    first = featc("plan", "--json", cwd=tmp_path).json
    assert featc("run", "--as-of", "2026-02-01", cwd=tmp_path).status == 0
    then = featc("plan", "--json", cwd=tmp_path).json
    (tmp_path / "shop.feat").write_text(TEXT + LABELS.replace("30d", "60d"))
    changed = featc("plan", "--json", cwd=tmp_path).json

    assert changes(first) == {"outcome.buys": ("added", [])}
    assert changes(then) == {}
    assert changes(changed) == {"outcome.buys": ("changed", ["its definition"])}


def changes(found) -> dict[str, tuple[str, list[str]]]:
    return {f["name"].removeprefix("shop."): (f["is"], f["because"]) for f in found["features"]}


def test_nothing_differs_after_a_run(planned):
    result = planned()

    assert (result.status, result.out.count("\n")) == (0, 1)
    assert "nothing differs from what is published in `dev`" in result.out
    assert planned("", "", "--exit-code").status == 0


def test_a_comment_and_a_layout_change_nothing(planned):
    found = planned("param floor", "# why\n\n\nparam   floor", "--json").json

    assert (found["features"], found["datasets"], found["consumers"]) == ([], [], {})


def test_a_sentence_is_metadata_only(planned):
    found = planned("## Money.", "## Money that was spent.", "--json").json

    assert changes(found) == {"spend.total": ("metadata", [])}
    assert (found["datasets"], found["consumers"]) == ([], {})


def test_a_change_goes_to_what_rests_on_it_and_no_further(planned):
    line = "total = sum(amount default 0) over "
    result = planned(f"{line}30d", f"{line}60d", "--json", "--exit-code")

    assert result.status == 3
    assert changes(result.json) == {
        "spend.total": ("changed", ["its definition"]),
        "spend.mean": ("changed", ["through shop.spend.total"]),
    }
    assert [(d["name"], d["columns"], d["breaks"]) for d in result.json["datasets"]] == [
        ("shop.money", ["total", "mean"], [])
    ]
    assert result.json["consumers"] == {"shop.churn": ["shop.money: total, mean"]}


PAID = ["total", "orders", "mean", "large"]
TIME = "  time ordered_at\n"


@pytest.mark.parametrize(
    ("old", "new", "names", "why"),
    [
        ('status = "paid"', 'status != "open"', PAID, "the view shop.paid"),
        ("= 1.00", "= 2.00", ["large"], "the default of $shop.floor"),
        (TIME, f"{TIME}  drop when amount < 0\n", [*PAID, "status"], "the source shop.orders"),
    ],
)
def test_the_cause_is_named(planned, old, new, names, why):
    found = changes(planned(old, new, "--json").json)

    assert [n.partition(".")[2] for n in found] == names
    direct = [n for n in found if "mean" not in n]
    assert {w for n in direct for w in found[n][1]} == {why}


def test_what_is_added_removed_and_renamed(planned):
    new = "  paid = count() over 30d { was orders }\n  most = max(amount)\n"
    new += "  mean = total / paid\n"
    old = "  orders = count() over 30d\n  mean = total / orders\n"
    found = planned(old, new, "--json").json

    assert changes(found) == {
        "spend.paid": ("renamed", []),
        "spend.most": ("added", []),
    }
    gone = planned("  large = count(where amount > $floor) over 30d\n", "", "--json").json
    assert changes(gone) == {"spend.large": ("removed", [])}


def test_was_says_what_a_feature_was_called_whatever_it_means_now(planned):
    old = "  large = count(where amount > $floor) over 30d\n"
    new = "  big = count(where amount > $floor) over 60d { was large }\n"
    result = planned(old, new, "--json").json
    text = planned(old, new).out

    assert changes(result) == {"spend.big": ("changed", ["its definition"])}
    assert result["features"][0]["was"] == "shop.spend.large"
    assert "was shop.spend.large, its definition" in text


_SEEN = "features last_seen for customer from orders {\n  was seen"


def test_was_of_a_group_and_of_a_data_set_keeps_what_they_hold(featc, planned, tmp_path):
    text = TEXT.replace(
        "features seen for customer from orders {",
        "features last_seen for customer from orders {\n  was seen",
    )
    text = text.replace("seen.status", "last_seen.status").replace(
        "dataset money for customer {", "dataset worth for customer {\n  was money"
    )
    (tmp_path / "shop.feat").write_text(text)
    found = featc("plan", "--json", cwd=tmp_path).json

    assert [(f["name"], f["is"], f["was"]) for f in found["features"]] == [
        ("shop.last_seen.status", "renamed", "shop.seen.status")
    ]
    assert [(d["name"], d["is"], d["breaks"]) for d in found["datasets"]] == [
        ("shop.worth", "renamed", ["it was called shop.money"])
    ]
    assert found["consumers"] == {"shop.churn": ["shop.worth: renamed"]}
    assert found["breaks"]


def test_a_contract_that_breaks_is_a_failure_unless_it_is_allowed(planned):
    change = ("include spend.total, spend.mean", "include spend.total")
    result = planned(*change)

    assert result.status == 1
    assert "the contract of shop.money breaks for shop.churn: `mean` is gone" in result.out
    assert planned(*change, "--allow-break").status == 0
    # Nobody is named who reads the other one.
    assert planned("include seen.status }", "include seen.status as state }").status == 0


def test_consumers_that_read_a_changed_feature_are_hit(planned):
    found = planned("last(status)", "first(status)", "--json").json

    assert found["consumers"] == {"shop.report": ["shop.seen.status: changed"]}


def test_a_plan_against_a_manifest_needs_no_run(featc, planned, tmp_path):
    planned()
    manifest = featc("compile", "--emit", "manifest", cwd=tmp_path).out
    (tmp_path / "main.json").write_text(manifest)

    result = planned("over 30d", "over 60d", "--against", "main.json", "--markdown")
    wrong = featc("plan", "--against", "shop.feat", cwd=tmp_path)

    assert "| `shop.spend.total` | changed | its definition |" in result.out
    assert wrong.errors == ["error[FD0836 no-manifest]: `shop.feat` is no manifest of this version"]


def test_markdown_says_when_nothing_differs(planned):
    assert planned("", "", "--markdown").out.splitlines()[-1] == "Nothing differs."


def test_a_set_whose_manifest_is_gone_is_told(planned, tmp_path):
    for path in (tmp_path / "target" / "manifests").iterdir():
        path.unlink()

    result = planned()

    assert "`shop.spend` cannot be compared" in result.out
