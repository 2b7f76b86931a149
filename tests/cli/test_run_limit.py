"""`featc run --timeout`: a run that takes too long is stopped, told, and publishes nothing."""

from __future__ import annotations

import signal
import time
from datetime import timedelta
from pathlib import Path

import pytest
from shop import TEXT, codes, published, run, shop

from featdsl.runs.limit import TimeIsOver, limited
from featdsl.runs.progress import Progress
from featdsl.store.ledger import load_records
from featdsl.store.record import Status

SLOW = """\
import time
from datetime import datetime


def orders():
    {}
    return [dict(order_id=1, customer_id=1, ordered_at=datetime(2026, 1, 9), amount=1.5, status="")]
"""


def slow(folder: Path, line: str):
    """A project whose source is Python code that takes its time."""
    text = TEXT.format(location='python "load:orders"', amount="float", more="", features="")
    project = shop(folder, text=text)
    (folder / "load.py").write_text(SLOW.format(line), encoding="utf-8")
    return project


def test_a_run_that_takes_too_long_is_recorded_as_failed(tmp_path: Path) -> None:
    project = slow(tmp_path, "time.sleep(60)")
    begun = time.monotonic()

    outcome = run(project, timeout=timedelta(seconds=0.3))

    assert time.monotonic() - begun < 20
    assert codes(outcome) == ["FD0850"]
    (record,) = load_records(project.target_dir)
    assert (record.status, record.problems[0].code) == (Status.FAILED, "FD0850")
    assert outcome.diagnostics[0].message == "the run was stopped after 300 ms"
    assert outcome.diagnostics[0].notes == ("it was at: Find the sources",)
    assert not (project.target_dir / "data").exists()
    assert [p.name for p in (project.target_dir / ".staging").iterdir()] == ["create.lock"]


def test_code_that_swallows_the_alarm_publishes_nothing(tmp_path: Path) -> None:
    swallowing = "try:\n        time.sleep(60)\n    except BaseException:\n        pass"
    project = slow(tmp_path, swallowing)

    outcome = run(project, timeout=timedelta(seconds=0.3))

    assert codes(outcome)[-1:] == ["FD0850"]
    assert not (project.target_dir / "data").exists()


def test_what_is_being_published_is_not_cut_short(tmp_path: Path) -> None:
    project = shop(tmp_path)

    left = {}

    def look(progress: Progress) -> None:
        left[progress.stage.name] = signal.getitimer(signal.ITIMER_REAL)[0]

    outcome = run(project, timeout=timedelta(hours=1), observe=look)

    assert outcome.ok
    assert (left["write"] > 0, left["publish"]) == (True, 0)
    assert published(project).run == outcome.record.run


def test_a_limit_is_lifted_for_good_and_gives_back_the_handler() -> None:
    before = signal.getsignal(signal.SIGALRM)
    with limited(timedelta(seconds=0.05)) as lift:
        lift()
        time.sleep(0.1)
    with pytest.raises(TimeIsOver), limited(timedelta(seconds=0.05)):
        time.sleep(5)

    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_the_command_line_takes_a_length(featc, tmp_path: Path) -> None:
    slow(tmp_path, "time.sleep(60)")

    stopped = featc("run", "--timeout", "1s", cwd=tmp_path)
    wrong = featc("run", "--timeout", "soon", cwd=tmp_path)
    none = featc("run", "--timeout", "0s", cwd=tmp_path)

    assert stopped.status == 1
    assert stopped.errors == ["error[FD0850 run-timed-out]: the run was stopped after 1.0 s"]
    assert (wrong.status, none.status) == (2, 2)
    assert "`soon` is no length of time" in wrong.err
