"""`featc train` on the quickstart's data: what it prints, writes, and how it ends."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from featdsl.cli.screen import Screen
from featdsl.cli.train_view import _untils, counted
from featdsl.store.leases import running
from featdsl.store.record import RunRecord, Status, UntilUse
from tests.cli.conftest import Featc

ASKED = """\
customer_id,as_of,note
17826162,2026-08-15,=first
17826162,2026-08-15,=first
,2026-08-15,nobody
1,2026-08-15,no card
17826162,,no time
"""


@pytest.fixture
def asked(quickstart: Path) -> Path:
    path = quickstart / "asked.csv"
    path.write_text(ASKED, encoding="utf-8")
    return path


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_counts_are_printed_and_the_files_are_named(featc: Featc, quickstart: Path) -> None:
    result = featc("train", "churn", cwd=quickstart)

    lines = result.out.splitlines()
    assert result.status == 0, result.err
    assert lines[0].startswith("retail.churn  rows of retail.reviews, 2026-06-15 00:00 UTC to ")
    counted = {line[:30].strip(): line[30:].strip() for line in lines[4:12]}
    assert counted == {
        "of the spine": "620",
        "different keys and times": "588",
        "without a key": "8",
        "without a time": "3",
        "customer unknown at the time": "52",
        "label churned not known yet": "78",
        "label spend_next not known yet": "78",
        "written": "620",
    }
    assert (quickstart / lines[-2].split()[-1]).name == "training.parquet"
    assert (quickstart / lines[-2].split()[-1]).is_file()
    assert (quickstart / lines[-1].split()[-1]).is_file()


@pytest.mark.parametrize("columns", ["60", "80"])
def test_nothing_is_wider_than_the_terminal_but_paths(
    featc: Featc, quickstart: Path, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    featc("train", "churn", cwd=quickstart)
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")

    (path,) = (quickstart / "target" / "runs").glob("*.json")
    record = RunRecord.model_validate_json(path.read_bytes())
    assert record.training is not None
    screen = Screen(sys.stdout, sys.stderr, allow_color=False)

    assert max(map(len, counted(screen, record.training))) <= int(columns)


def test_json_is_the_record(featc: Featc, quickstart: Path, asked: Path) -> None:
    result = featc("train", "retail.churn", "--spine", asked, "--json", cwd=quickstart)

    record = RunRecord.model_validate(result.json)
    assert record.training is not None
    assert record.training.spine.model_dump(
        include={"kind", "name", "rows", "points", "without_key", "without_time", "unknown"}
    ) == {
        "kind": "file",
        "name": "asked.csv",
        "rows": 5,
        "points": 2,
        "without_key": 1,
        "without_time": 1,
        "unknown": 1,
    }
    assert record.training.spine.file is not None
    assert json.loads((quickstart / "target" / "runs" / f"{record.run}.json").read_text()) == (
        result.json
    )


def test_a_spine_of_ones_own_becomes_a_file_of_ones_own(
    featc: Featc, quickstart: Path, asked: Path
) -> None:
    result = featc("train", "churn", "--spine", asked, "--out", "answers.csv", cwd=quickstart)

    rows = rows_of(quickstart / "answers.csv")
    assert result.status == 0, result.err
    assert [row["customer_id"] for row in rows] == ["17826162", "17826162", "", "1", "17826162"]
    assert [row["txns_30d"] for row in rows] == ["5", "5", "", "", ""]
    assert rows[0]["note"] == "'=first"
    assert not (quickstart / "target" / "data").exists()


def test_labels_until_and_mature_leave_rows_out(featc: Featc, quickstart: Path) -> None:
    result = featc(
        *("train", "churn", "--labels-until", "2026-10-03", "--mature"),
        *("--out", "set.csv", "--json"),
        cwd=quickstart,
    )

    training = result.json["training"]
    assert (training["spine"]["rows"], training["dropped"], training["rows"]) == (620, 135, 485)
    assert training["untils"][0]["given"]
    assert len(rows_of(quickstart / "set.csv")) == 485


def test_a_time_that_is_given_for_labels_of_two_sources_is_told_once() -> None:
    known = datetime(2026, 10, 3)
    untils = tuple(UntilUse(source=f"shop.{n}", until=known, given=True) for n in ("a", "b"))

    lines = list(_untils(SimpleNamespace(untils=untils)))  # type: ignore[arg-type]

    assert lines == ["Labels are known up to 2026-10-03 00:00 UTC (--labels-until)."]


def test_a_parameter_of_the_command_line_counts(
    featc: Featc, quickstart: Path, asked: Path
) -> None:
    def share(*options: str) -> str:
        featc(*("train", "churn", "--spine", asked, "--out", "set.csv", *options), cwd=quickstart)
        return rows_of(quickstart / "set.csv")[0]["premium_txn_share"]

    assert share("--param", "premium_floor=1") == "1.0"
    assert share() != "1.0"


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["chrun"], 1, "error[FD0618 unknown-name]: there is no data set called `chrun`"),
        (
            ["churn", "--labels-until", "soon"],
            2,
            "error: `--labels-until soon` is no time",
        ),
        (
            ["churn", "--out", "set.xlsx"],
            2,
            "error: `--out set.xlsx` is neither Parquet nor CSV by its name",
        ),
        (
            ["churn", "--spine", "asked.csv", "--out", "./asked.csv"],
            2,
            "error: `--out` would replace the spine `asked.csv`",
        ),
        (
            ["churn", "--spine", "aksed.csv"],
            1,
            "error[FD0720 no-spine]: the spine `aksed.csv` does",
        ),
        ([], 2, "error: missing argument"),
    ],
)
def test_mistakes_are_told_with_the_right_status(
    featc: Featc, quickstart: Path, asked: Path, arguments: list[str], status: int, message: str
) -> None:
    result = featc("train", *arguments, cwd=quickstart)

    assert (result.status, len(result.errors)) == (status, 1), result.err
    assert result.errors[0].startswith(message)
    assert not (quickstart / "target" / "data").exists()
    assert asked.read_text(encoding="utf-8") == ASKED


def test_a_failing_check_writes_nothing(featc: Featc, quickstart: Path) -> None:
    text = (quickstart / "churn.feat").read_text(encoding="utf-8")
    text = text.replace("reviewed_at is not null allow 5%", "reviewed_at is not null")
    (quickstart / "churn.feat").write_text(text, encoding="utf-8")

    result = featc("train", "churn", "--out", "set.parquet", cwd=quickstart)

    assert result.status == 1
    assert result.errors[0].startswith("error[FD0715 failed-expectation]: `reviews` does not")
    assert not (quickstart / "set.parquet").exists()


def test_a_project_without_data_sets_says_so(featc: Featc, shop: Path) -> None:
    result = featc("train", "churn", cwd=shop)

    assert result.status == 1
    assert "the project declares none" in result.err


def test_warnings_go_beside_the_result(featc: Featc, quickstart: Path) -> None:
    spine = quickstart / "late.csv"
    spine.write_text("customer_id,as_of\n17826162,2062-10-01\n", encoding="utf-8")

    result = featc("train", "churn", "--spine", spine, cwd=quickstart)

    assert result.status == 0
    assert "warning[FD0722 future-spine]" in result.err
    assert "warning[" not in result.out


def test_the_site_shows_the_training_sets_that_were_made(featc: Featc, quickstart: Path) -> None:
    featc("train", "churn", "--mature", cwd=quickstart)

    result = featc("docs", cwd=quickstart)

    assert result.status == 0, result.err
    page = (quickstart / "target" / "site" / "runs.html").read_text(encoding="utf-8")
    (row,) = re.findall(r'aria-label="Training set".*?<tbody>(.*?)</tbody>', page, re.DOTALL)
    cells = [re.sub("<[^>]*>", "", cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row)]
    assert cells[:5] == ["churn", "620", "81", "539", "parquet"]
    assert cells[5].startswith("retail.churn/v1/")


def test_an_interrupted_training_set_leaves_no_file(quickstart: Path, tmp_path: Path) -> None:
    spine = tmp_path / "spine.csv"
    lines = [f"{17826162 + i % 7},2026-09-{i % 28 + 1:02}" for i in range(400_000)]
    spine.write_text("\n".join(["customer_id,as_of", *lines]), encoding="utf-8")
    code = "from featdsl.cli.main import main; main()"
    child = subprocess.Popen(
        [sys.executable, "-c", code, "train", "churn", "--spine", str(spine), "--out", "set.csv"],
        cwd=quickstart,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    target = quickstart / "target"
    staging = target / ".staging"
    deadline = time.monotonic() + 60
    while not running(target) and time.monotonic() < deadline:
        time.sleep(0.01)
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=60)

    assert child.returncode == 130, err
    assert err.splitlines()[-1] == "interrupted"
    assert "Traceback" not in err
    assert not (quickstart / "set.csv").exists()
    assert list(staging.glob("*/")) == []
    (path,) = (quickstart / "target" / "runs").glob("*.json")
    assert RunRecord.model_validate_json(path.read_bytes()).status is Status.INTERRUPTED
