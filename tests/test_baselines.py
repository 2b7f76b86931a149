"""Baselines: runs that are pinned, for drift to be compared with."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from shop import AS_OF, codes, published, run, shop, told

from featdsl.cli.main import run as featc
from featdsl.project.as_of import AsOf
from featdsl.project.load import load_project
from featdsl.runs.execute import Outcome
from featdsl.runs.gc import find_old
from featdsl.store.baselines import pinned
from featdsl.store.catalog import catalog_path
from featdsl.store.current import Space
from featdsl.store.dated import dated

PROBLEMS = Path(__file__).parent / "problems"
ASKED = "  expect ks(spend_30d) < 0.05 warn\n  expect drift(spend_30d) < 0.05 warn"
SOURCE = "  expect ks(amount) < 0.05 warn"


def day(number: int) -> AsOf:
    return replace(AS_OF, instant=AS_OF.instant + timedelta(days=number))


def orders(first: int) -> str:
    """An order of each of ten customers, of amounts one after the other."""
    rows = [f"{i},{i},2026-01-25 10:00:00,{first + i}.00,paid" for i in range(10)]
    return "\n".join(["order_id,customer_id,ordered_at,amount,status", *rows]) + "\n"


def ran(folder: Path, number: int, first: int, asked: str = ASKED, more: str = SOURCE) -> Outcome:
    project = shop(folder, features=asked, more=more, data={"orders.csv": orders(first)})
    outcome = run(project, as_of=day(number))
    assert outcome.ok
    return outcome


def measured(outcome: Outcome) -> list[str]:
    return [c.measured for c in outcome.record.checks]


def ask(folder: Path, *command: str, status: int = 0) -> None:
    assert featc([*command, "--project", str(folder)]) == status


def is_told(text: str, code: str) -> None:
    path = PROBLEMS / f"{code}.txt"
    if os.environ.get("FEATC_UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert f"[{code} " in text
    assert text == path.read_text(encoding="utf-8")


def test_drift_is_compared_with_the_run_that_is_pinned(tmp_path: Path) -> None:
    first = ran(tmp_path, 0, 1).record.run
    ask(tmp_path, "runs", "pin", first, "--because", "what the model knows")
    moved, same = ran(tmp_path, 1, 4), ran(tmp_path, 2, 4)
    ask(tmp_path, "runs", "unpin", "spend")
    free = ran(tmp_path, 3, 4)

    # 1 to 10 it was, 4 to 13 it is: 3 of 10 up to 3, and none. Of the deciles three have none now,
    # and 4/10 lie above the last, 9, where 1/10 did: 3 (0.0001 - 0.1) ln(0.001) + 0.3 ln(4).
    against = f", against the baseline {first}"
    found = [f"the distance is 0.3{against}"] * 2 + [f"the index is 2.486{against}"]
    assert measured(moved) == found
    assert measured(same) == found
    assert measured(free) == ["the distance is 0", "the distance is 0", "the index is 0"]
    (change, *_) = [r for r in records(tmp_path) if r["kind"] == "pin"]
    assert change["because"] == "what the model knows"
    assert change["changes"] == [{"set": "shop.spend", "before": None, "after": first}]


def records(folder: Path) -> list[dict[str, object]]:
    files = sorted((folder / "target" / "runs").glob("*.json"))
    return [json.loads(f.read_text("utf-8")) for f in files]


def test_what_nobody_asked_then_is_read_from_the_file_that_was_published(tmp_path: Path) -> None:
    asked, unasked = tmp_path / "asked", tmp_path / "unasked"
    asked.mkdir()
    unasked.mkdir()
    found = []
    for folder, text in ((asked, ASKED), (unasked, "")):
        first = ran(folder, 0, 1, text).record.run
        ask(folder, "runs", "pin", first)
        found.append([m.partition(",")[0] for m in measured(ran(folder, 1, 4))])

    assert (
        found[0] == found[1] == ["the distance is 0.3", "the distance is 0.3", "the index is 2.486"]
    )


@pytest.mark.parametrize("damage", ["gone", "changed"])
def test_a_baseline_that_has_nothing_is_told(tmp_path: Path, damage: str) -> None:
    first = ran(tmp_path, 0, 1, "")
    ask(tmp_path, "runs", "pin", first.record.run)
    (output,) = first.record.outputs
    file = tmp_path / "target" / "data" / (output.folder or "") / output.files[0].path
    if damage == "gone":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:-1] + b"x")
    outcome = ran(tmp_path, 1, 4, "  expect ks(spend_30d) < 0.05", "")

    assert codes(outcome) == ["FD0842"]
    name = f"the baseline {first.record.run} has nothing to compare with"
    assert measured(outcome) == [name]
    is_told(told(outcome, load_project(tmp_path)).replace(first.record.run, "<run>"), "FD0842")


def test_the_last_run_is_what_other_changes_are_compared_with(tmp_path: Path) -> None:
    asked = "  expect sum(spend_30d) changes < 1% warn"
    first = ran(tmp_path, 0, 1, asked, "").record.run
    ask(tmp_path, "runs", "pin", first)
    ran(tmp_path, 1, 4, asked, "")

    assert measured(ran(tmp_path, 2, 4, asked, "")) == ["85.00 after 85.00, a change of 0%"]


def test_what_is_pinned_stays_whatever_is_removed_or_made_anew(tmp_path: Path) -> None:
    first = ran(tmp_path, 0, 1, "").record.run
    ask(tmp_path, "runs", "pin", first)
    second, third = (ran(tmp_path, i, 4, "").record.run for i in (1, 2))
    project = load_project(tmp_path)
    later = datetime(2027, 1, 1)

    assert [o.run for o in find_old(project, keep=0, now=later)] == [second]

    catalog_path(project.target_dir).unlink()
    shutil.rmtree(project.target_dir / "current")
    ask(tmp_path, "doctor", "--repair")
    assert pinned(project.target_dir, "dev") == {"shop.spend": first}
    assert published(project).run == third
    ask(tmp_path, "audit", "verify")
    ask(tmp_path, "rollback")
    assert published(project).run == second


def test_a_pin_changes_nothing_of_what_counts(tmp_path: Path) -> None:
    first, second = (ran(tmp_path, 0, i, "").record.run for i in (1, 4))
    ask(tmp_path, "runs", "pin", first)
    project = load_project(tmp_path)

    (versions,) = dated(project.target_dir, Space(target="dev")).versions.values()
    assert [r.run for r in versions] == [first, second]
    assert published(project).run == second


def test_what_cannot_be_pinned_is_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    first = ran(tmp_path, 0, 1, "").record.run
    (tmp_path / "data" / "orders.csv").unlink()
    failed = run(load_project(tmp_path), as_of=day(1)).record.run
    capfd.readouterr()

    ask(tmp_path, "runs", "pin", first, "spendd", status=1)
    is_told(capfd.readouterr().err.replace(first, "<run>"), "FD0843")
    ask(tmp_path, "runs", "pin", failed, status=1)
    assert "published nothing" in capfd.readouterr().err
    ask(tmp_path, "runs", "unpin", "spend", status=1)
    assert "no set is called `spend` of what is pinned" in capfd.readouterr().err
    ask(tmp_path, "runs", "unpin")
    assert "nothing changes" in capfd.readouterr().out
