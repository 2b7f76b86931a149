"""A run while it is under way: events for machines, a log, a line on a terminal."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from shop import shop

from featdsl.runs.events import EVENT, events_schema
from featdsl.runs.progress import Part, Progress, State
from featdsl.runs.stages import STAGES, Stage
from featdsl.runs.timeleft import TimeLeft
from tests.cli.test_run_limit import slow

SCHEMA = Path(__file__).parents[2] / "docs" / "schemas" / "run-events.schema.json"
TWO = "features counts for customer from orders {\n  n = count()\n}\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shop(tmp_path)
    feat = tmp_path / "shop.feat"
    feat.write_text(feat.read_text() + TWO)
    return tmp_path


def test_the_published_schema_is_that_of_the_events() -> None:
    text = json.dumps(events_schema(), indent=2) + "\n"
    if os.environ.get("FEATC_UPDATE_GOLDEN"):
        SCHEMA.write_text(text, encoding="utf-8")

    assert SCHEMA.read_text(encoding="utf-8") == text


def test_events_tell_stages_and_groups_in_order(featc, project):
    found = featc("run", "--as-of", "2026-02-01", "--json", cwd=project)

    for line in found.out.splitlines():
        EVENT.validate_json(line)
    events = found.events
    assert (events[0]["event"], events[0]["as_of"]) == ("begun", "2026-02-01T00:00:00")
    assert [e["stage"] for e in events if e["event"] == "stage_finished"] == [
        stage.name for stage in STAGES if not stage.repairs
    ]
    assert [
        (e["what"], e["number"], e["of"], e["rows"]) for e in events if e["event"] == "done"
    ] == [
        ("shop.orders", 1, 1, 3),
        ("shop.spend", 1, 2, 2),
        ("shop.counts", 2, 2, 2),
    ]
    assert events[-1]["event"] == "published"
    assert {e["run"] for e in events} == {events[-1]["record"]["run"]}


def test_events_of_a_run_that_fails_end_with_why(featc, project):
    (project / "data" / "orders.csv").write_text("order_id\n1\n")

    found = featc("run", "--json", cwd=project)

    kinds = [e["event"] for e in found.events]
    codes = [e["problem"]["code"] for e in found.events if e["event"] == "problem"]
    assert found.status == 1
    assert kinds[:2] == ["begun", "stage_started"]
    assert kinds[2:] == ["problem"] * len(codes) + ["stage_failed", "failed"]
    assert codes == ["FD0705"] * 4 == [p["code"] for p in found.events[-1]["record"]["problems"]]


def test_what_stops_a_run_before_its_first_stage_is_an_event_too(featc, project):
    (project / "target").write_text("in the way")

    found = featc("run", "--json", cwd=project)

    assert [e["event"] for e in found.events] == ["begun", "problem", "failed"]
    assert found.events[1]["problem"]["code"] == "FD0802"


def command(project: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "featdsl.cli.main", "--project", str(project), "run", *more]


def test_events_come_while_the_run_is_under_way_and_end_when_it_is_interrupted(tmp_path):
    slow(tmp_path, "time.sleep(60)")
    with subprocess.Popen(command(tmp_path, "--json"), stdout=subprocess.PIPE, text=True) as run:
        begun = [json.loads(run.stdout.readline()) for _ in range(2)]
        run.send_signal(2)
        rest = [json.loads(line) for line in run.stdout]

    assert [e["event"] for e in begun] == ["begun", "stage_started"]
    assert run.returncode == 130
    assert [e["event"] for e in rest] == ["stage_failed", "failed"]
    assert rest[-1]["status"] == "interrupted"


def test_a_reader_that_goes_away_stops_no_run(project):
    run = subprocess.Popen(command(project, "--json"), stdout=subprocess.PIPE)
    run.stdout.readline()
    run.stdout.close()

    assert run.wait(60) in (0, 141)
    (record,) = (project / "target" / "runs").iterdir()
    assert json.loads(record.read_text())["status"] == "succeeded"


def test_a_log_has_lines_of_groups_and_no_control_codes(tmp_path):
    slow(tmp_path, "time.sleep(1.2)")
    feat = tmp_path / "shop.feat"
    feat.write_text(feat.read_text() + TWO)

    done = subprocess.run(command(tmp_path), capture_output=True, text=True, check=True)

    assert "  shop.spend (1 of 2), " in done.stderr
    assert "Check the results: 0 expectations" in done.stderr
    assert "\x1b" not in done.stderr


def test_a_terminal_shows_what_is_done_and_how_long_still(tmp_path):
    slow(tmp_path, "time.sleep(0.8)")
    subprocess.run(command(tmp_path), capture_output=True, check=True)
    here, there = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120"}

    with subprocess.Popen(
        command(tmp_path), stdout=subprocess.DEVNULL, stderr=there, env=environment
    ) as run:
        os.close(there)
        shown = b""
        try:
            while block := os.read(here, 4096):
                shown += block
        except OSError:  # the other end is closed
            pass
    os.close(here)

    assert run.returncode == 0
    assert b"Find the sources, about " in shown
    assert b" left \xe2\x80\xa6" in shown


def test_the_time_left_goes_by_the_last_run_and_by_what_is_done() -> None:
    first, compute, last = STAGES[0], STAGES[3], STAGES[-1]

    def at(stage: Stage, state: State, seconds: float, part: Part | None = None) -> Progress:
        return Progress("r", datetime(2026, 1, 1), stage, state, seconds, "", part)

    left, whole = TimeLeft({s.name: 10.0 for s in STAGES}), 10.0 * len(STAGES)
    assert TimeLeft({}).seconds(0) is None
    left.take(at(first, "started", 0), now=100)
    assert left.seconds(100) == whole
    assert left.seconds(104) == whole - 4
    assert left.seconds(200) == whole - 10  # longer than before: only what comes after is known
    left.take(at(compute, "done", 8, Part("a", 1, 4, rows=1)), now=200)
    # A quarter took 8: that much, and three quarters of 10, less what is over.
    assert left.seconds(200) == whole - 40 + (8 + 7.5 - 8)
    left.take(at(last, "finished", 1), now=300)
    assert left.seconds(300) == 0
