"""`featc promote`: all that a selector selects or nothing, and never under a run's hands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from shop import TEXT, shop

from featdsl.diagnostics.failure import Failure
from featdsl.files.staging import staging
from featdsl.project.load import load_project
from featdsl.runs.pointing import apply, plan_promotion
from featdsl.store.current import Space, current_sets
from featdsl.store.leases import Running
from featdsl.store.ledger import load_records
from featdsl.store.publish import begin
from featdsl.store.record import Status
from tests.cli.conftest import Featc

TWO = TEXT.format(location='csv "orders.csv"', amount="decimal(12, 2)", more="", features="") + (
    "\nfeatures habit for customer from orders {\n"
    '  tags ["till"]\n  last_amount = last(amount)\n}\n'
)
PROD = "[targets.prod]\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shop(tmp_path, text=TWO, settings=PROD)
    return tmp_path


def ran(featc: Featc, project: Path, *more: str) -> None:
    assert featc("run", "--as-of", "2026-02-01", *more, cwd=project).status == 0


def current(project: Path, target: str = "prod") -> set[str]:
    return set(current_sets(project / "target", Space(target=target)))


@contextmanager
def writing(project: Path, target: str, *sets: str) -> Iterator[None]:
    """A run of some sets that is under way, with the lock that a run has."""
    folder, id_ = project / "target", f"run_of_{target}"
    record = load_records(folder)[-1].model_copy(update={"run": id_, "status": Status.RUNNING})
    run = Running(
        id=id_,
        space=Space(target=target),
        owner={"run": id_, "since": "now"},
        sets=dict.fromkeys(sets, 1),
        record=record,
    )
    with staging(folder, id_):
        begin(folder, run)
        yield


def test_a_selector_promotes_the_groups_of_its_features(featc: Featc, project: Path) -> None:
    ran(featc, project)

    found = featc("promote", "dev", "prod", "tag:till", "--json", cwd=project)

    assert [c["set"] for c in found.json["changes"]] == ["shop.habit"]
    assert current(project) == {"shop.habit"}
    assert featc("promote", "dev", "prod", "+spend_30d", "last_amount", cwd=project).status == 0
    assert current(project) == {"shop.habit", "shop.spend"}


def test_a_selector_is_promoted_whole_or_not_at_all(featc: Featc, project: Path) -> None:
    ran(featc, project, "spend")

    found = featc("promote", "dev", "prod", "*.*", cwd=project)
    assert found.errors == [
        "error[FD0864 incomplete-promotion]: `*.*` selects what is not published in `dev`: "
        "`shop.habit`"
    ]
    assert current(project) == set()
    # Of a group that was computed in part the rest is not there.
    ran(featc, project, "spend_30d", "habit")
    found = featc("promote", "dev", "prod", "*.*", cwd=project)
    assert "`shop.spend` is published without orders_30d" in found.err
    assert (found.status, current(project)) == (1, set())
    # What is selected is there.
    assert featc("promote", "dev", "prod", "spend_30d", "tag:till", cwd=project).status == 0


def test_targets_of_two_places_share_nothing(featc: Featc, project: Path) -> None:
    ran(featc, project)
    settings = project / "featc.toml"
    settings.write_text(settings.read_text() + 'location = "published"\n')

    found = featc("promote", "dev", "prod", cwd=project)

    assert found.errors == [
        "error[FD0865 targets-apart]: `dev` and `prod` have locations of their own: pointers "
        "cannot lead across"
    ]
    assert not (project / "published").exists()


@pytest.mark.parametrize(
    "arguments", [["promote", "dev", "prod"], ["rollback", "--target", "prod"]]
)
def test_nothing_changes_under_the_hands_of_a_run(
    featc: Featc, project: Path, arguments: list[str]
) -> None:
    for _ in range(2):
        ran(featc, project, "--target", "prod")
    ran(featc, project)
    before = current_sets(project / "target", Space(target="prod"))

    with writing(project, "prod", "shop.spend"):
        found = featc(*arguments, cwd=project)
        dry = featc(*arguments, "--dry-run", cwd=project)

    assert found.errors == ["error[FD0803 target-locked]: a run is writing `shop.spend` in `prod`"]
    assert (found.status, dry.status) == (1, 1)
    assert current_sets(project / "target", Space(target="prod")) == before
    # It died: its lease is nobody's.
    assert featc(*arguments, cwd=project).status == 0


def test_a_run_of_other_sets_or_of_another_target_is_no_hindrance(
    featc: Featc, project: Path
) -> None:
    ran(featc, project)

    with writing(project, "dev", "shop.spend"):
        assert featc("promote", "dev", "prod", "spend", cwd=project).status == 0
    with writing(project, "prod", "shop.spend"):
        assert featc("promote", "dev", "prod", "habit", cwd=project).status == 0

    assert current(project) == {"shop.habit", "shop.spend"}


def test_a_run_that_began_after_the_look_is_seen_in_the_transaction(
    featc: Featc, project: Path
) -> None:
    ran(featc, project)
    loaded = load_project(project, target="prod")
    planned = plan_promotion(loaded, "dev", "prod", (), lambda _: {})

    with writing(project, "prod", "shop.spend"), pytest.raises(Failure, match="is writing"):
        apply(loaded, planned, because=None, now=lambda: datetime(2026, 11, 29))

    assert current(project) == set()


def test_what_was_published_after_the_look_is_not_passed_over(featc: Featc, project: Path) -> None:
    ran(featc, project)
    loaded = load_project(project, target="prod")
    planned = plan_promotion(loaded, "dev", "prod", (), lambda _: {})
    ran(featc, project)

    with pytest.raises(Failure, match="another run published"):
        apply(loaded, planned, because=None, now=lambda: datetime(2026, 11, 29))

    assert current(project) == set()
