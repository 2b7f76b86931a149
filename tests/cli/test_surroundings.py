"""Commands that are interrupted, or may write little: a line says why, and the next one works."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest
from shop import TEXT, shop

from featdsl.files import faults
from tests.cli.conftest import Featc

COMMANDS = {
    "run": ["run", "--as-of", "2026-02-01"],
    "train": ["train", "learned"],
    "compile": ["compile", "--out", "sql"],
    "docs": ["docs"],
}
DATASET = "\ndataset learned for customer { spine orders at ordered_at  include spend.* }\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    text = TEXT.format(location='csv "orders.csv"', amount="decimal(12, 2)", more="", features="")
    shop(tmp_path, text=text + DATASET)
    return tmp_path


def staged(project: Path) -> list[str]:
    """What is half-written in the target and beside the texts."""
    folder = project / "target" / ".staging"
    runs = [p.name for p in folder.iterdir() if p.is_dir()] if folder.exists() else []
    sql = project / "sql"
    return runs + [p.name for p in sql.glob("*") if p.suffix != ".sql"]


@pytest.mark.parametrize("command", COMMANDS)
def test_ctrl_c_is_told_and_leaves_nothing_half(featc: Featc, project: Path, command: str) -> None:
    for _ in range(2):  # the first time more is written: typed copies of the data, tables
        with faults.armed("count") as passed:
            assert featc(*COMMANDS[command], cwd=project).status == 0
    count = len(passed.reached)
    assert count > 2
    for at in sorted({1, 2, count // 2, count}):
        with faults.armed("interrupt", at):
            result = featc(*COMMANDS[command], cwd=project)

        told = (result.status, result.err.splitlines()[-1:])
        # What is published already is not taken back, and ends well.
        assert told == (130, ["interrupted"]) or (at == count and result.status == 0), at
        assert staged(project) == [], at

    assert featc(*COMMANDS[command], cwd=project).status == 0
    assert featc("audit", "verify", cwd=project).status == 0


@pytest.mark.parametrize("command", ["run", "compile"])
def test_files_that_may_hold_nothing_are_told(featc: Featc, project: Path, command: str) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "featdsl.cli.main", *COMMANDS[command]],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)),
    )

    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert "files of this size are not allowed" in result.stderr
    assert "help: allow larger ones: `ulimit -f unlimited`" in result.stderr
    assert staged(project) == []
    assert featc(*COMMANDS[command], cwd=project).status == 0
