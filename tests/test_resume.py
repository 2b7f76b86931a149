"""`featc run --resume`: on from what is whole, to the bytes of a whole run."""

from __future__ import annotations

import os
import signal
import time
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import pytest
from shop import AS_OF, ORDERS, TEXT, codes, compiled, published, run, shop

from featdsl.files import faults
from featdsl.project.as_of import AsOf
from featdsl.project.load import Project, load_project
from featdsl.runs.execute import run_project
from featdsl.runs.gc import remove_kept
from featdsl.runs.kept import FOLDER
from featdsl.runs.progress import Progress

PARAM = "param least: decimal(12, 2) = 1.00\n\n"
COUNTS = "\nfeatures counts for customer from orders {\n  n = count(where amount >= $least)\n}\n"


def written(folder: Path) -> Project:
    """A project of two groups, of which the second reads a parameter."""
    folder.mkdir(exist_ok=True)
    text = TEXT.format(location='csv "orders.csv"', amount="decimal(12, 2)", more="", features="")
    head, rest = text.split("\n", 1)
    return shop(folder, text=f"{head}\n\n{PARAM}{rest}{COUNTS}")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return written(tmp_path / "one")


def stopped(project: Project, group: str = "shop.spend") -> None:
    """A run that is interrupted when a group is computed."""

    def interrupt(happened: Progress) -> None:
        if happened.state == "done" and happened.detail == group:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(5)

    with pytest.raises(KeyboardInterrupt):
        run(project, observe=interrupt)
    assert group in kept(project)


def kept(project: Project) -> list[str]:
    return sorted(p.parent.parent.name for p in (project.target_dir / FOLDER).rglob("kept.json"))


def files(project: Project) -> dict[str, bytes]:
    folder = project.target_dir / "data"
    return {p.relative_to(folder).parts[0]: p.read_bytes() for p in folder.rglob("values.parquet")}


def test_a_run_that_goes_on_has_the_bytes_of_a_whole_one(project: Project, tmp_path: Path) -> None:
    stopped(project)

    outcome = run(project, resume=True)
    whole = written(tmp_path / "two")
    assert run(whole).ok

    assert outcome.ok
    assert outcome.record.resumed == ("shop.spend",)
    assert len(files(project)) == 2
    assert files(project) == files(whole)
    assert not (project.target_dir / FOLDER).exists()


def test_a_run_that_was_killed_is_gone_on_from(project: Project) -> None:
    assert run(project).ok
    with faults.armed("count") as counted:
        assert run(project).ok
    places = [i for i, name in enumerate(counted.reached, 1) if name == "link"]
    compilation = compiled(project)

    def body() -> None:
        with faults.armed("kill", places[1]):
            run_project(project, compilation, as_of=AS_OF)

    child = get_context("fork").Process(target=body)
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    assert kept(project) == ["shop.spend"]

    outcome = run(project, resume=True)

    assert outcome.record.resumed == ("shop.spend",)
    assert published(project, "shop.counts").rows == [(1, 2), (2, 1)]


def test_without_being_asked_nothing_is_taken(project: Project) -> None:
    stopped(project)

    outcome = run(project)

    assert (outcome.ok, outcome.record.resumed) == (True, ())


def change_data(project: Project) -> None:
    path = project.root / "data" / "orders.csv"
    path.write_text(ORDERS.replace("20.50", "99.50"), encoding="utf-8")


def change_text(project: Project) -> None:
    path = project.root / "shop.feat"
    path.write_text(path.read_text().replace("sum(amount) over", "max(amount) over"))


def change_parameter(project: Project) -> None:
    path = project.root / "shop.feat"
    path.write_text(path.read_text().replace("= 1.00", "= 6.00"))


@pytest.mark.parametrize(
    ("change", "resumed"),
    [(change_data, ()), (change_text, ("shop.counts",)), (change_parameter, ())],
)
def test_what_would_have_other_values_is_computed(
    project: Project, tmp_path: Path, change, resumed
) -> None:
    stopped(project, "shop.counts")
    change(project)
    whole = written(tmp_path / "two")
    change(whole)

    outcome = run(load_project(project.root), resume=True)

    # Every group holds the values of all parameters, whether it reads them or not.
    assert (outcome.ok, outcome.record.resumed) == (True, resumed)
    assert run(load_project(whole.root)).ok
    assert files(project) == files(whole)


def test_another_as_of_time_takes_nothing(project: Project) -> None:
    stopped(project)

    outcome = run(project, resume=True, as_of=AsOf(datetime(2026, 2, 2), "test"))

    assert (outcome.ok, outcome.record.resumed) == (True, ())


def test_what_is_kept_and_damaged_is_computed(project: Project) -> None:
    stopped(project)
    (values,) = (project.target_dir / FOLDER).rglob("values.parquet")
    content = bytearray(values.read_bytes())
    content[len(content) // 2] ^= 1
    values.unlink()
    values.write_bytes(content)

    outcome = run(project, resume=True)

    assert (outcome.ok, outcome.record.resumed) == (True, ())
    assert len(published(project).rows) == 2


def test_what_changed_while_it_was_read_is_not_kept(project: Project) -> None:
    def change(happened: Progress) -> None:
        if happened.stage.name == "compute" and happened.state == "started":
            change_data(project)

    outcome = run(project, observe=change)

    assert not outcome.ok
    assert codes(outcome)
    assert kept(project) == []


def test_what_is_kept_is_removed_with_what_is_old(project: Project) -> None:
    stopped(project)
    now = datetime.now(UTC).replace(tzinfo=None)

    assert remove_kept(project, before=now - timedelta(days=1)) == 0
    assert kept(project) == ["shop.spend"]
    assert remove_kept(project, before=now + timedelta(days=1)) > 0
    assert not (project.target_dir / FOLDER).exists()
