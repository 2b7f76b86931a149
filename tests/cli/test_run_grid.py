"""`featc run --from --to --every`: each as-of time is published under its own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from shop import ORDERS, shop

from featdsl.store.current import Space, current_sets
from featdsl.store.dated import dated
from featdsl.store.ledger import load_records

DAYS = ("--from", "2026-01-20", "--to", "2026-01-30", "--every", "5d")
FIRST, SECOND, LAST = (datetime(2026, 1, day) for day in (20, 25, 30))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shop(tmp_path)
    return tmp_path


def rows(project: Path, run: str) -> bytes:
    (path,) = (project / "target" / "data").rglob(f"{run}/values.parquet")
    return path.read_bytes()


def counted(project: Path) -> dict[datetime, str]:
    """The run that counts for each as-of time."""
    found = dated(project / "target", Space(target="dev"))
    return {at: r.run for at in found.times("shop.spend") if (r := found.last("shop.spend", at))}


def current(project: Path) -> str:
    return current_sets(project / "target", Space(target="dev"))["shop.spend"].run


def test_each_time_is_published_as_if_it_was_run_alone(featc, project, tmp_path_factory):
    done = featc("run", *DAYS, cwd=project)

    assert done.status == 0, done.err
    assert "3 of 3 as-of times are published" in done.out
    found = counted(project)
    assert [*found] == [FIRST, SECOND, LAST]
    assert current(project) == found[LAST]
    alone = tmp_path_factory.mktemp("alone")
    shop(alone)
    for at, run in found.items():
        featc("run", "--as-of", f"{at:%Y-%m-%d}", cwd=alone)
        assert rows(project, run) == rows(alone, counted(alone)[at])
    # Sources are read by the first run alone.
    stages = [{s.name for s in r.stages} for r in load_records(project / "target")]
    assert ["find" in s for s in stages] == [False, False, True]
    assert all(r.inputs for r in load_records(project / "target"))


def test_what_is_current_and_later_stays(featc, project):
    featc("run", "--as-of", "2026-02-01", cwd=project)
    before = current(project)

    assert featc("run", *DAYS, cwd=project).status == 0

    assert current(project) == before
    assert len(counted(project)) == 4
    pointers = json.loads((project / "target" / "current" / "dev.json").read_text())
    assert pointers["sets"]["shop.spend"]["run"] == before
    # The records say so, too.
    (project / "target" / "catalog.sqlite").unlink()
    assert featc("doctor", "--repair", cwd=project).status == 0
    assert current(project) == before


FAILING = "  expect spend_30d <= 20"


def test_a_time_that_fails_is_the_last_and_resume_goes_on(featc, project):
    shop(project, features=FAILING)

    failed = featc("run", *DAYS, cwd=project)
    published = counted(project)

    assert failed.status == 1
    assert "1 of 3 as-of times are published; `--resume` goes on from there" in failed.out
    assert [*published] == [FIRST]
    assert current(project) == published[FIRST]

    shop(project)
    done = featc("run", *DAYS, "--resume", cwd=project)

    assert done.status == 0
    assert f"published already by {published[FIRST]}" in done.out
    assert counted(project)[FIRST] == published[FIRST]
    assert [*counted(project)] == [FIRST, SECOND, LAST]


def test_resume_runs_again_for_other_data(featc, project):
    featc("run", *DAYS, cwd=project)
    before = counted(project)
    (project / "data" / "orders.csv").write_text(ORDERS.replace("10.00,paid", "11.00,paid"))

    again = featc("run", *DAYS, "--resume", cwd=project)

    assert again.status == 0
    assert "published already" not in again.out
    assert not {*before.values()} & {*counted(project).values()}


def test_events_of_each_run_end_with_published(featc, project):
    found = featc("run", *DAYS, "--json", cwd=project).events

    assert [e["as_of"] for e in found if e["event"] == "begun"] == [
        f"{at:%Y-%m-%dT%H:%M:%S}" for at in (FIRST, SECOND, LAST)
    ]
    assert [e["event"] for e in found].count("published") == 3


def test_an_interrupted_grid_keeps_what_is_published(project):
    code = "from featdsl.cli.main import main; main()"
    arguments = ["--project", str(project), "run", *DAYS[:2], "--to", "2027-01-30", "--every", "1d"]
    command = [sys.executable, "-c", code, *arguments, "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
        for line in run.stdout:
            if json.loads(line)["event"] == "published":
                run.send_signal(signal.SIGINT)
                break
        rest = [json.loads(line) for line in run.stdout]

    assert run.returncode == 130
    # It may have been between two runs, or in one.
    assert rest == [] or rest[-1].get("status") == "interrupted" or rest[-1]["event"] == "published"
    found = counted(project)
    assert min(found) == FIRST
    assert len(found) < 30
    statuses = {r.status.value for r in load_records(project / "target")}
    assert statuses <= {"succeeded", "interrupted"}
    assert [p.name for p in (project / "target" / ".staging").iterdir()] == ["create.lock"]
    assert current(project) == found[max(found)]


def test_a_dry_run_tells_the_first(featc, project):
    told = featc("run", *DAYS, "--dry-run", cwd=project)

    assert told.status == 0
    assert told.out.startswith("3 as-of times; of the first:\nas of 2026-01-20 00:00 UTC")
    assert not (project / "target").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--from", "2026-01-01"), "a grid of as-of times has a begin, an end and a step"),
        ((*DAYS, "--as-of", "2026-01-01"), "`--as-of` is one time"),
        ((*DAYS[:4], "--every", "often"), "`--every`: `often` is no length of time"),
        ((*DAYS[:4], "--every", "0d"), "`--every 0d` is no time at all"),
        (("--from", "2026-02-01", *DAYS[2:]), "`--from` is later than `--to`"),
        ((*DAYS[:4], "--every", "1s"), "these are more than 10,000 as-of times"),
    ],
)
def test_what_is_no_grid_is_a_usage_error(featc, project, options, said):
    result = featc("run", *options, cwd=project)

    assert (result.status, said in result.err) == (2, True), result.err
