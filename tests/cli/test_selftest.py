"""``featc selftest``: a leak and a tie, planted, are found and named; without one nothing is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from featdsl.lowering import passes, window
from featdsl.planning import rows, visible

TEXT = """\
namespace till

## A shop.
entity shop { key shop_id: int }

## One row per sale.
source sales {
  from csv "sales.csv"
  key sale_id
  time sold_at available after 1h
  entity shop
  columns {
    sale_id: int required
    shop_id: int required
    sold_at: timestamp required
    amount:  int
    phone:   text pii
  }
}

features stock for shop from sales {
  ## Money of a day.
  daily = sum(amount) over 1d

  ## What was sold last.
  newest = last(amount)
}

## What a model reads.
dataset asked for shop { include stock.* }
"""

SALES = """\
sale_id,shop_id,sold_at,amount,phone
1,1,2024-05-30 10:00:00,8,+91 1
2,1,2024-05-31 09:00:00,2,+91 2
3,1,2024-05-31 09:00:00,5,+91 3
4,2,2024-05-31 11:30:00,7,+91 4
5,2,2024-05-30 00:00:00,1,+91 5
"""

CONFIG = """\
[project]
name = "till"
as_of = "2024-05-31T12:00:00"
"""


@pytest.fixture
def till(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    (tmp_path / "till.feat").write_text(TEXT, "utf-8")
    (tmp_path / "data" / "sales.csv").write_text(SALES, "utf-8")
    (tmp_path / "featc.toml").write_text(CONFIG, "utf-8")
    return tmp_path


def changed(result) -> set[tuple[str, str]]:
    return {(f["relation"], f["feature"]) for f in result.json["findings"]}


def test_every_relation_is_tried_and_nothing_changes(featc, till):
    result = featc("selftest", "--json", cwd=till)

    assert (result.status, result.json["findings"]) == (0, [])
    tried = {t["relation"]: t["values"] for t in result.json["tried"]}
    always = {"future", "late", "old", "shuffled", "split", "repeated"}
    assert set(tried) == {*always, "cut", "again"}
    # No SQL makes its sources, and nothing is published.
    assert {relation for relation, values in tried.items() if values} == always


def test_a_planted_tie_is_found_with_the_rows_that_share_a_place(featc, till):
    text = TEXT.replace("  key sale_id\n", "").replace("time sold_at", "time sold_at then shop_id")
    (till / "till.feat").write_text(text, "utf-8")

    result = featc("selftest", "--json", cwd=till)

    assert result.status == 1
    assert changed(result) == {("shuffled", "till.stock.newest")}
    (finding,) = result.json["findings"]
    assert finding["key"] == {"shop_id": 1}
    assert {finding["before"], finding["after"]} == {2, 5}
    assert finding["source"] == "till.sales"
    assert {row["sale_id"] for row in finding["rows"]} == {2, 3}
    assert {row["phone"] for row in finding["rows"]} == {"(pii)"}


def test_a_planted_leak_of_rows_at_the_very_time_is_found(featc, till, monkeypatch):
    honest = window.ends

    def leaking(*args):
        return replace(honest(*args), end_closed=True)

    monkeypatch.setattr(window, "ends", leaking)
    monkeypatch.setattr(passes, "ends", leaking)
    # The delay hides what lies at the time itself: without one the window's end has to.
    text = TEXT.replace(" available after 1h", "")
    (till / "till.feat").write_text(text, "utf-8")

    result = featc("selftest", "--json", cwd=till)

    assert result.status == 1
    assert {("future", "till.stock.daily"), ("future", "till.stock.newest")} <= changed(result)
    daily = next(f for f in result.json["findings"] if f["feature"] == "till.stock.daily")
    assert [row["sold_at"] for row in daily["rows"]] == [daily["as_of"].removesuffix("Z")]


def test_a_planted_leak_of_rows_not_known_yet_is_found_and_told(featc, till, monkeypatch):
    for module in (visible, rows):
        monkeypatch.setattr(module, "seen_conditions", lambda *_: [], raising=False)

    result = featc("selftest", "stock.daily", cwd=till)

    assert result.status == 1
    out = " ".join(result.out.split())
    assert "✗ till.stock.daily: rows not known yet" in out
    assert "it depends on rows that nobody could know at its as-of time: a leak" in out
    assert "with these rows added to till.sales:" in out
    assert "+91" not in out


def test_a_part_of_the_features_is_tried_alone(featc, quickstart):
    result = featc("selftest", "profile", "--json", cwd=quickstart)

    assert (result.status, result.json["findings"]) == (0, [])


def test_a_selector_that_matches_nothing_is_an_error(featc, till):
    result = featc("selftest", "nothing.here", cwd=till)

    assert result.status == 1
    assert "FD0613" in result.err + result.out
