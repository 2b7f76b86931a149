"""`current/<target>.duckdb`: what is current, for anyone who opens one file."""

from __future__ import annotations

import datetime as dt
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from shop import AS_OF, ORDERS, codes, compiled, run, shop

from featdsl.files import faults
from featdsl.project.as_of import AsOf
from featdsl.project.load import Project
from featdsl.runs.doctor import examine, mend
from featdsl.runs.execute import run_project
from featdsl.runs.pointing import apply, plan_rollback
from featdsl.store.current import Space, current_sets

FIRST = [(1, Decimal("30.50"), 2), (2, Decimal("5.25"), 1)]
LATER = [(1, Decimal("109.50"), 2), (2, Decimal("5.25"), 1)]


def file(project: Project) -> Path:
    return project.target_dir / "current" / "dev.duckdb"


def asked(path: Path, query: str, *before: str) -> list[tuple[Any, ...]]:
    """What anyone finds who opens the file."""
    with duckdb.connect(path, read_only=True) as connection:
        for statement in before:
            connection.execute(statement)
        return connection.execute(query).fetchall()


def changed(project: Project) -> None:
    text = ORDERS.replace("20.50", "99.50")
    (project.data_dir / "orders.csv").write_text(text, encoding="utf-8")


def now() -> dt.datetime:
    return dt.datetime(2026, 3, 1)


def test_a_set_is_a_view_with_what_is_said_of_it(tmp_path: Path) -> None:
    text = "## What customers spend"
    project = shop(tmp_path)
    feat = tmp_path / "shop.feat"
    declared = feat.read_text().replace("features spend", f"{text}\nfeatures spend")
    declared = declared.replace("  spend_30d", "  ## It's paid or not\n  spend_30d")
    project = shop(tmp_path, text=declared)
    record = run(project).record

    path = file(project)
    assert asked(path, "FROM shop.spend") == FIRST
    (view,) = asked(path, "SELECT comment FROM duckdb_views() WHERE view_name = 'spend'")
    assert view == (
        f"What customers spend. 2 rows, of run {record.run} as of 2026-02-01 00:00 UTC",
    )
    said = dict(
        asked(path, "SELECT column_name, comment FROM duckdb_columns() WHERE table_name = 'spend'")
    )
    assert said["customer_id"] is None
    assert said["spend_30d"].startswith("It's paid or not. Sum of `amount` over the 30 days")
    (line,) = asked(path, "FROM featc_sets")
    assert line[:5] == ("shop.spend", record.run, AS_OF.instant, 2, "parquet")
    assert Path(line[6]).is_file()


def test_what_an_earlier_run_published_is_read_by_its_name(tmp_path: Path) -> None:
    project = shop(tmp_path)
    first = run(project).record.run
    changed(project)
    run(project)

    assert asked(file(project), "FROM shop.spend") == LATER
    assert asked(file(project), f"FROM shop.spend_of('{first}')") == FIRST
    for name in ("*", "20*", "../x", f"{first}/../x"):
        with pytest.raises(duckdb.Error, match="by its whole name"):
            asked(file(project), f"FROM shop.spend_of('{name}')")
    with pytest.raises(duckdb.Error, match="No files found"):
        asked(file(project), "FROM shop.spend_of('20260101T000000000000-abcdef')")


def test_who_has_it_open_goes_on_with_what_it_opened(tmp_path: Path) -> None:
    project = shop(tmp_path)
    run(project)
    with duckdb.connect(file(project), read_only=True) as connection:
        changed(project)
        run(project)

        assert connection.execute("FROM shop.spend").fetchall() == FIRST
    assert asked(file(project), "FROM shop.spend") == LATER


def test_it_follows_a_rollback(tmp_path: Path) -> None:
    project = shop(tmp_path)
    run(project)
    changed(project)
    run(project)

    apply(project, plan_rollback(project, []), because=None, now=now)

    assert asked(file(project), "FROM shop.spend") == FIRST


def test_a_write_that_fails_leaves_the_old_one_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Hashes are kept of files that are older: how many points there are would be a matter of time.
    monkeypatch.setattr("featdsl.runs.hashes._SETTLED_SECONDS", 1e6)
    project = shop(tmp_path)
    assert run(project).ok
    with faults.armed("count") as counted:
        assert run(project).ok
    # The file of views is the last that is put into its place.
    last = max(i for i, name in enumerate(counted.reached, 1) if name == "rename")
    before = asked(file(project), "SELECT run FROM featc_sets")

    with faults.armed("enospc", last):
        outcome = run(project)

    assert codes(outcome) == ["FD0830"]
    assert asked(file(project), "SELECT run FROM featc_sets") == before
    assert current_sets(project.target_dir, Space(target="dev"))["shop.spend"].run != before[0][0]
    assert [a.what.split()[0] for a in examine(project)] == ["`current/dev.duckdb`"]
    assert list(mend(project, examine(project))) == ["`current/dev.duckdb` was made anew"]
    assert examine(project) == []


def test_a_target_that_was_moved_says_so_or_is_told_where_it_lies(tmp_path: Path) -> None:
    project = shop(tmp_path / "here")
    run(project)
    shutil.move(tmp_path / "here", tmp_path / "there")
    moved = shop(tmp_path / "there")

    with pytest.raises(duckdb.Error, match="No files found"):
        asked(file(moved), "FROM shop.spend")
    tell = f"SET VARIABLE featc_target = '{moved.target_dir}'"
    assert asked(file(moved), "FROM shop.spend", tell) == FIRST
    (ailment,) = examine(moved)
    assert "was moved" in ailment.what
    assert list(mend(moved, [ailment]))
    assert asked(file(moved), "FROM shop.spend") == FIRST


def test_signs_in_a_path_that_patterns_have_are_no_patterns(tmp_path: Path) -> None:
    """`[ab]*` would read the rows of another project, or of several."""
    project, out = shop(tmp_path), tmp_path / "[ab]*"
    first = run(project, out=tmp_path / "a12").record.run
    changed(project)
    later = run(project, out=out).record.run

    path = out / "current" / "dev.duckdb"
    assert asked(path, "FROM shop.spend") == LATER
    assert asked(path, f"FROM shop.spend_of('{later}')") == LATER
    with pytest.raises(duckdb.Error, match="No files found"):
        asked(path, f"FROM shop.spend_of('{first}')")


def test_folders_that_look_like_partitions_are_no_columns(tmp_path: Path) -> None:
    project = shop(tmp_path / "spend_30d=7")
    run(project)

    assert asked(file(project), "FROM shop.spend") == FIRST


def test_a_set_whose_rows_are_gone_has_no_view_and_others_do(tmp_path: Path) -> None:
    project = shop(tmp_path)
    more = "features counts for customer from orders {\n  n = count()\n}\n"
    text = (tmp_path / "shop.feat").read_text() + more
    project = shop(tmp_path, text=text)
    first = run(project).record
    shutil.rmtree(project.target_dir / "data" / "shop.counts")

    outcome = run_project(
        project,
        compiled(project),
        as_of=AsOf(dt.datetime(2026, 2, 2), "test"),
        selection=["shop.spend.spend_30d"],
    )

    assert codes(outcome) == ["FD0830"]
    assert "`shop.counts` has no view" in outcome.diagnostics[0].message
    assert asked(file(project), "FROM shop.spend") == [row[:2] for row in FIRST]
    sets = asked(file(project), "SELECT set, run FROM featc_sets ORDER BY ALL")
    assert sets == [("shop.counts", first.run), ("shop.spend", outcome.record.run)]


def test_rows_that_are_no_parquet_are_listed_without_a_view(tmp_path: Path) -> None:
    project = shop(tmp_path)
    run(project, format="csv")

    assert asked(file(project), "SELECT set, format FROM featc_sets") == [("shop.spend", "csv")]
    with pytest.raises(duckdb.Error, match="does not exist"):
        asked(file(project), "FROM shop.spend")
