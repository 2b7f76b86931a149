"""A run that dies at any point leaves readers with the old rows or the new, whole."""

from __future__ import annotations

import errno
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest
from shop import AS_OF, ORDERS, codes, compiled, published, run, shop

from featdsl.files import faults
from featdsl.project.load import Project
from featdsl.runs.execute import run_project
from featdsl.store.current import Space, write_pointers
from featdsl.store.leases import running
from featdsl.store.ledger import load_records
from featdsl.store.record import Status

OLD = ORDERS
NEW = ORDERS.replace("20.50", "99.50")
TWO_GROUPS = "features counts for customer from orders {\n  n = count()\n}\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project of two groups, published once; then its data change."""
    # Hashes are kept of files that are older: how many points there are would be a matter of time.
    monkeypatch.setattr("featdsl.runs.hashes._SETTLED_SECONDS", 1e6)
    shop(tmp_path)
    feat = tmp_path / "shop.feat"
    feat.write_text(feat.read_text(encoding="utf-8") + TWO_GROUPS, encoding="utf-8")
    project = shop(tmp_path, text=feat.read_text(encoding="utf-8"))
    assert run(project).ok
    change(project, NEW)
    return project


def in_child(project: Project, action: faults.Action, at: int) -> int | None:
    """Run in a forked process that meets a fault; returns its exit code."""
    compilation = compiled(project)

    def body() -> None:
        with faults.armed(action, at):
            outcome = run_project(project, compilation, as_of=AS_OF)
        os._exit(0 if outcome.ok else 1)

    child = multiprocessing.get_context("fork").Process(target=body)
    child.start()
    child.join()
    return child.exitcode


def reached(project: Project) -> list[str]:
    """The points that a run passes whose data are in the cache already."""
    assert run(project).ok
    with faults.armed("count") as counted:
        assert run(project).ok
    return counted.reached


def points(project: Project) -> int:
    """How many they are."""
    return len(reached(project))


def amounts(project: Project, *, catalog: bool = False) -> set[str]:
    """Whether what readers find is of the old data or the new: by the catalog, or the file."""
    if catalog:
        write_pointers(project.target_dir, project.target_dir, Space(target="dev"))
    first, second = published(project), published(project, "shop.counts")
    assert first.run == second.run
    assert len(second.rows) == 2
    rows = first.rows
    assert len(rows) == 2
    return {"99.50" if rows[0][1] > 100 else "20.50"}


def change(project: Project, content: str) -> None:
    (project.root / "data" / "orders.csv").write_text(content, encoding="utf-8")


def test_a_run_that_is_killed_at_any_point_leaves_whole_sets(project: Project) -> None:
    last = points(project)
    for at in range(1, last + 1):
        change(project, OLD if at % 2 else NEW)

        exit_code = in_child(project, "kill", at)

        assert exit_code == -signal.SIGKILL, at
        assert amounts(project) <= {"20.50", "99.50"}
        assert_views_whole(project)

    assert last > 20
    assert_tidy(project)


def test_a_disk_that_is_full_at_any_point_leaves_whole_sets(project: Project) -> None:
    last = points(project)
    for at in range(1, last + 1, 2):
        change(project, OLD if at % 4 == 1 else NEW)

        with faults.armed("enospc", at):
            outcome = run(project)

        assert codes(outcome) in ([], ["FD0802"], ["FD0830"])
        assert amounts(project) <= {"20.50", "99.50"}

    assert_tidy(project)


def assert_views_whole(project: Project) -> None:
    """The file of views can be opened, and all of them are of one run."""
    path = project.target_dir / "current" / "dev.duckdb"
    with duckdb.connect(path, read_only=True) as connection:
        listed = connection.execute("SELECT count(*), count(DISTINCT run) FROM featc_sets")
        assert listed.fetchall() == [(2, 1)]
        both = "SELECT count(*) FROM shop.spend JOIN shop.counts USING (customer_id)"
        assert connection.execute(both).fetchall() == [(2,)]


def assert_tidy(project: Project) -> None:
    """After a run that succeeds, nothing is left of those that did not."""
    after = run(project)

    assert after.ok
    assert published(project).run == after.record.run
    assert [p.name for p in (project.target_dir / ".staging").iterdir()] == ["create.lock"]
    assert Status.RUNNING not in {r.status for r in load_records(project.target_dir)}


def test_a_killed_run_is_marked_by_the_next(project: Project) -> None:
    last = points(project)

    in_child(project, "kill", last // 3)
    (dead,) = running(project.target_dir)
    run(project)

    assert not dead.alive(project.target_dir)
    assert [(r.run == dead.id, r.status) for r in load_records(project.target_dir)][:2] == [
        (False, Status.SUCCEEDED),
        (True, Status.ABORTED),
    ]


@pytest.mark.parametrize("before", [True, False])
def test_the_transaction_of_the_catalog_is_the_point_that_counts(
    project: Project, before: bool
) -> None:
    run(project)
    change(project, OLD)
    run(project)
    change(project, NEW)
    commit = max(i for i, name in enumerate(reached(project), 1) if name == "catalog commit")
    change(project, OLD)
    records = len(load_records(project.target_dir))

    in_child(project, "kill", commit if before else commit + 1)

    assert amounts(project, catalog=True) == ({"99.50"} if before else {"20.50"})
    assert len(load_records(project.target_dir)) == records + (0 if before else 1)


def test_a_disk_that_is_full_is_told_in_one_line(project: Project) -> None:
    with faults.armed("enospc", 12):
        outcome = run(project)

    assert codes(outcome) == ["FD0802"]
    assert os.strerror(errno.ENOSPC).lower() not in outcome.diagnostics[0].message
    assert "the disk is full" in outcome.diagnostics[0].message


SCRIPT = """
import sys
sys.path[:0] = sys.argv[2:]
from pathlib import Path
from shop import AS_OF, compiled
from featdsl.project.load import load_project
from featdsl.runs.execute import run_project
from featdsl.store.current import Space, write_pointers
from featdsl.store.leases import running
project = load_project(Path(sys.argv[1]))
print("ready", flush=True)
while True:
    run_project(project, compiled(project), as_of=AS_OF)
"""


@pytest.mark.parametrize("name", ["SIGKILL", "SIGINT"])
def test_a_run_that_is_stopped_at_a_random_time_leaves_whole_sets(
    project: Project, name: str
) -> None:
    root = Path(__file__).parents[2]
    chance = random.Random(7)
    for _ in range(2):
        process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                SCRIPT,
                str(project.root),
                str(root),
                str(root / "tests/support"),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(chance.uniform(0.05, 0.8))
        process.send_signal(getattr(signal, name))
        process.wait(timeout=20)
        process.stdout.close()

        amounts(project)

    assert run(project).ok
