"""`featc run --restate`: what is published is repaired; what changed is told."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest
from shop import ORDERS, TEXT, shop

import featdsl
from featdsl.store.current import Space, current_sets
from featdsl.store.ledger import load_records
from featdsl.store.record import RunRecord
from tests.cli.test_run_grid import DAYS, FIRST, LAST, SECOND, counted, rows

READERS = """
consumer app {
  kind application
  reads spend.spend_30d
}

consumer report {
  kind report
  reads spend.orders_30d
}
"""
REPAIR = ("run", "--restate", "--from", "2026-01-20", "--to", "2026-01-30", "--because", "cents")
# Both amounts of customer 1 were wrong by a factor; customer 3 came late.
REPAIRED = ORDERS.replace("10.00,paid", "0.10,paid") + "4,3,2026-01-22 10:00:00,7.00,paid\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    text = TEXT.format(location='csv "orders.csv"', amount="decimal(12, 2)", more="", features="")
    shop(tmp_path, text=text + READERS)
    return tmp_path


def repair(project: Path) -> None:
    (project / "data" / "orders.csv").write_text(REPAIRED, encoding="utf-8")


def current(project: Path) -> str:
    return current_sets(project / "target", Space(target="dev"))["shop.spend"].run


def record_of(project: Path, run: str) -> RunRecord:
    return next(r for r in load_records(project / "target") if r.run == run)


def test_each_published_time_is_repaired_and_the_difference_is_told(featc, project):
    featc("run", *DAYS, cwd=project)
    before = counted(project)
    old = {at: rows(project, run) for at, run in before.items()}
    repair(project)

    done = featc(*REPAIR, cwd=project)
    after = counted(project)

    assert done.status == 0, done.err
    assert [*after] == [FIRST, SECOND, LAST]
    assert not {*after.values()} & {*before.values()}
    # The old versions stay, as they were.
    assert {at: rows(project, run) for at, run in before.items()} == old
    found = record_of(project, after[SECOND]).restates
    assert (found.because, [s.before for s in found.sets]) == ("cents", [before[SECOND]])
    # At 25 January 00:00 customer 1 has 0.10 + 20.50 in place of 30.50, and customer 3 is new.
    (spend,) = found.sets
    counts = (spend.same_rows, spend.changed_rows, spend.added_rows, spend.removed_rows)
    assert counts == (0, 1, 1, 0)
    one, other = spend.features
    assert (one.feature, one.cells, one.mean_before) == ("shop.spend.spend_30d", 1, 30.5)
    assert one.mean_after == pytest.approx((20.6 + 7) / 2)
    assert (other.feature, other.cells) == ("shop.spend.orders_30d", 0)
    assert "1 of 1 row changed, 1 added, 0 removed" in done.out
    assert "shop.spend.spend_30d  1 value changed, mean 30.5 → 13.8" in done.out
    assert "hit shop.app reads shop.spend.spend_30d" in done.out


def test_what_counts_for_a_time_is_read_from_python(featc, project):
    featc("run", *DAYS, cwd=project)
    before = featdsl.load(project).published("spend", as_of="2026-01-25").rows()
    repair(project)
    featc(*REPAIR, cwd=project)
    found = featdsl.load(project)

    after = found.published("spend", as_of="2026-01-25")

    assert [row[1] for row in before] == [Decimal("30.50")]
    assert [row[1] for row in after.rows()] == [Decimal("20.60"), Decimal("7.00")]
    assert after.report.as_of == SECOND
    with pytest.raises(featdsl.RunError, match="as of 2026-01-26 00:00 UTC"):
        found.published("spend", as_of="2026-01-26")
    with pytest.raises(ValueError, match="give `run` or `as_of`"):
        found.published("spend", as_of="2026-01-25", run="last")


def test_consumers_of_what_is_the_same_are_not_hit(featc, project):
    featc("run", *DAYS, cwd=project)
    (project / "data" / "orders.csv").write_text(ORDERS.replace("10.00,paid", "0.10,paid"))

    found = featc(*REPAIR, "--json", cwd=project).events

    last = [e["record"]["restates"] for e in found if e["event"] == "published"][-1]
    assert last["consumers"] == [{"consumer": "shop.app", "features": ["shop.spend.spend_30d"]}]
    shown = featc("runs", "show", "last", cwd=project).out
    assert re.search(r"restates +cents\n", shown)
    assert "shop.app: shop.spend.spend_30d" in shown


def test_what_is_current_and_later_stays_and_of_one_time_follows(featc, project):
    featc("run", *DAYS, cwd=project)
    featc("run", "--as-of", "2026-02-01", cwd=project)
    later = current(project)
    repair(project)

    assert featc(*REPAIR, cwd=project).status == 0
    assert current(project) == later

    one = ("run", "--restate", "--as-of", "2026-02-01", "--because", "cents")
    assert featc(*one, cwd=project).status == 0
    assert current(project) != later
    assert featc("rollback", cwd=project).status == 0
    assert current(project) == later
    assert counted(project)[max(counted(project))] == later
    assert featc("audit", "verify", cwd=project).status == 0


def test_a_set_that_was_not_published_then_is_not_now(featc, project):
    featc("run", *DAYS, cwd=project)
    feat = project / "shop.feat"
    more = "features counts for customer from orders {\n  n = count()\n}\n"
    feat.write_text(feat.read_text() + more)
    repair(project)

    told = featc(*REPAIR, "--dry-run", "--json", cwd=project).json
    published = [d["what"] for s in told["stages"] for d in s["does"] if d["does"] == "publish"]
    assert (len(told["times"]), published) == (3, ["shop.spend"])
    assert featc(*REPAIR, cwd=project).status == 0

    assert [r.sets for r in load_records(project / "target")][:3] == [("shop.spend",)] * 3
    assert not (project / "target" / "data" / "shop.counts").exists()


def test_a_change_of_the_text_is_told_by_feature(featc, project):
    featc("run", *DAYS, cwd=project)
    feat = project / "shop.feat"
    feat.write_text(feat.read_text().replace("  orders_30d", "  most = max(amount)\n  orders_30d"))

    done = featc(*REPAIR, cwd=project)

    assert done.status == 0, done.err
    (found,) = record_of(project, counted(project)[LAST]).restates.sets
    assert (found.added, found.changed_rows, found.same_rows) == (("shop.spend.most",), 0, 2)


def test_a_version_that_is_damaged_can_be_repaired(featc, project):
    featc("run", *DAYS, cwd=project)
    run = counted(project)[FIRST]
    (path,) = (project / "target" / "data").rglob(f"{run}/values.parquet")
    path.write_bytes(path.read_bytes()[:-1])

    done = featc(*REPAIR, cwd=project)

    assert done.status == 0
    assert "not compared, since its file is not as it was written" in done.out


def test_a_repair_that_stopped_goes_on(featc, project):
    featc("run", *DAYS, cwd=project)
    repair(project)
    one = ("run", "--restate", "--as-of", "2026-01-20", "--because", "cents")
    assert featc(*one, cwd=project).status == 0
    before = counted(project)

    done = featc(*REPAIR, "--resume", cwd=project)

    assert f"published already by {before[FIRST]}" in done.out
    assert done.out.count("published already by") == 1
    same = {at for at, run in counted(project).items() if run == before[at]}
    assert same == {FIRST}


@pytest.mark.parametrize(
    ("options", "status", "said"),
    [
        (("--restate", "--as-of", "2026-01-20"), 2, "`--because` says why"),
        (("--because", "x", "--as-of", "2026-01-20"), 2, "`--because` says why"),
        (("--restate", "--because", " ", "--as-of", "2026-01-20"), 2, "`--because` says why"),
        (("--restate", "--because", "x"), 2, "say which: `--as-of TIME`"),
        (("--restate", "--because", "x", *DAYS), 2, "say which: `--as-of TIME`"),
        (("--restate", "--because", "x", "--as-of", "2026-01-21"), 1, "FD0851"),
    ],
)
def test_what_is_no_repair_is_told(featc, project, options, status, said):
    featc("run", *DAYS, cwd=project)
    before = counted(project)

    result = featc("run", *options, cwd=project)

    assert (result.status, said in result.err) == (status, True), result.err
    assert counted(project) == before
