"""`freshness` of a data set: what it promises is shown, and `featc status` holds it to it."""

from __future__ import annotations

from pathlib import Path

import pytest
from shop import TEXT, shop

from featdsl.store.ledger import load_records

DATASET = """
dataset learned for customer {{
  include spend.*
  freshness {freshness}
}}
"""


def text(freshness: str, more: str = "") -> str:
    made = TEXT.format(location='csv "orders.csv"', amount="decimal(12, 2)", more="", features="")
    return made + DATASET.format(freshness=freshness) + more


@pytest.fixture
def project(tmp_path: Path) -> Path:
    # The clock of the tests stands at 2026-11-22 18:30 UTC.
    shop(tmp_path, text=text("2d"))
    return tmp_path


def ran(featc, project: Path, as_of: str) -> None:
    result = featc("run", "--as-of", as_of, cwd=project)
    assert result.status == 0, result.err


def test_status_says_how_old_a_data_set_is(featc, project):
    ran(featc, project, "2026-11-20T19:00:00")
    fresh = featc("status", cwd=project)
    ran(featc, project, "2026-11-20T18:00:00")
    stale = featc("status", cwd=project)
    told = featc("status", "--json", cwd=project)

    # 47.5 hours are not yet 2 days; 48.5 hours are more.
    assert fresh.status == 0
    assert "✓ shop.learned: 47 h old, 2d promised" in fresh.out
    assert stale.status == 1
    needs = "shop.spend is older than 2 days, which its freshness promises"
    assert f"shop.learned: {needs}" in stale.out
    assert told.json["well"] is False
    assert told.json["datasets"] == [
        {
            "dataset": "shop.learned",
            "freshness": "2d",
            "oldest": "shop.spend",
            "as_of": "2026-11-20T18:00:00",
            "needs": needs,
        }
    ]


def test_the_oldest_of_its_sets_counts(featc, project):
    more = """
features lately for customer from orders { last_amount = last(amount) }
dataset both for customer { include spend.*, lately.*  freshness 1month }
dataset alone for customer { include lately.*  freshness 1month }
"""
    (project / "shop.feat").write_text(text("2d", more))
    ran(featc, project, "2026-10-22T18:00:00")
    assert featc("run", "lately", "--as-of", "2026-11-22", cwd=project).status == 0

    found = featc("status", "--json", cwd=project)

    # 2026-10-22 18:00 and a month are 2026-11-22 18:00: half an hour ago.
    assert {d["dataset"]: d["oldest"] for d in found.json["datasets"] if d["needs"]} == {
        "shop.learned": "shop.spend",
        "shop.both": "shop.spend",
    }
    assert found.status == 1


def test_what_was_never_published_is_not_fresh(featc, project):
    found = featc("status", cwd=project)

    assert found.status == 1
    assert "shop.learned: nothing is published of shop.spend" in found.out


def test_one_whose_record_is_lost_is_not_fresh(featc, project):
    ran(featc, project, "2026-11-22")
    (record,) = load_records(project / "target")
    (project / "target" / "runs" / f"{record.run}.json").unlink()

    found = featc("status", "--json", cwd=project)

    assert found.json["datasets"][0]["needs"] == "the record is lost of shop.spend"


def test_texts_with_mistakes_promise_nothing_that_can_be_told(featc, project):
    ran(featc, project, "2026-11-22")
    (project / "shop.feat").write_text(text("2d").replace("sum(amount)", "sum(amuont)"))

    found = featc("status", cwd=project)

    assert found.status == 1
    assert "how fresh data sets are cannot be told: `featc check`" in found.out
    assert "shop.spend" in found.out
    assert featc("status", "--json", cwd=project).json["datasets"] is None


def test_a_data_set_of_what_is_sent_alone_is_always_fresh(featc, project):
    more = """
input cart { total: int }
features asked for customer { double = 2 * cart.total }
dataset sent for customer { include asked.double  freshness 1h }
"""
    (project / "shop.feat").write_text(text("2d", more))
    ran(featc, project, "2026-11-22")

    found = featc("status", "--json", cwd=project)

    assert (found.status, found.json["datasets"][1]["oldest"]) == (0, None)


def test_what_rests_on_what_is_sent_is_as_old_as_what_it_reads(featc, project):
    more = """
input cart { total: int }
features asked for customer { share = cart.total / spend.spend_30d }
dataset sent for customer { include asked.share  freshness 1h }
"""
    (project / "shop.feat").write_text(text("2d", more))
    ran(featc, project, "2026-11-22")

    found = featc("status", "--json", cwd=project)

    assert found.json["datasets"][1]["needs"] == (
        "shop.spend is older than 1 hour, which its freshness promises"
    )


@pytest.mark.parametrize("value", ["0d", "2", '"2d"', "[1]"])
def test_a_freshness_is_a_length_of_time(featc, project, value):
    (project / "shop.feat").write_text(text(value))

    found = featc("check", cwd=project)

    assert found.status == 1
    assert "`freshness` needs a length of time: `freshness 2d`" in found.out


def test_it_is_shown(featc, project):
    shown = featc("show", "learned", cwd=project)

    words = "What is published of its features is as of a time at most 2 days ago."
    assert " ".join(shown.out.split()).count(words) == 1
    assert featc("docs", cwd=project).status == 0
    pages = [p.read_text() for p in (project / "target").rglob("*.html")]
    assert sum(f"<dt>Freshness</dt><dd>{words}</dd>" in page for page in pages) == 1
