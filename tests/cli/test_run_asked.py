"""A parameter without a value is asked for on a terminal, and is an error elsewhere."""

from __future__ import annotations

import json
import os
import pty
import select
import sys
import time
from pathlib import Path

import pytest
from shop import TEXT, shop

PARAMS = """\
## Least amount that counts.
param least: decimal(12, 2)
param open: bool
secret param pepper: text

"""
FEATURES = """\
  big = count(where amount >= $least and (status = "paid" or $open)) over 30d
  who = last(hash(concat($pepper, status)))
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    amount = "decimal(12, 2)"
    text = TEXT.format(location='csv "orders.csv"', amount=amount, more="", features=FEATURES)
    head, rest = text.split("\n", 1)
    shop(tmp_path, text=f"{head}\n\n{PARAMS}{rest}")
    return tmp_path


def typed(project: Path, answers: list[tuple[str, str]], *more: str) -> tuple[int, str]:
    """Run on a terminal of its own; each answer is typed when its prompt stands there."""
    child, terminal = pty.fork()
    if child == 0:
        code = "from featdsl.cli.main import main; main()"
        arguments = ["--project", str(project), "run", "--as-of", "2026-02-01", *more]
        os.execv(sys.executable, [sys.executable, "-c", code, *arguments])
    shown, waiting, until = "", list(answers), time.monotonic() + 120
    while time.monotonic() < until:
        if select.select([terminal], [], [], 0.1)[0]:
            try:
                block = os.read(terminal, 4096)
            except OSError:  # it ended
                break
            if not block:
                break
            shown += block.decode()
        if waiting and shown.endswith(waiting[0][0]):
            os.write(terminal, waiting.pop(0)[1].encode())
    os.close(terminal)
    assert not waiting, shown
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), shown


def test_a_terminal_asks_and_asks_again_and_shows_no_secret(project: Path) -> None:
    number, yes, secret = (
        "least (decimal(12, 2)) = ",
        "open (bool: true or false) = ",
        "pepper (text, not shown) = ",
    )
    answers = [(number, "much\n"), (number, "20\n"), (yes, "true\n"), (secret, "s3cr3t\n")]

    status, shown = typed(project, answers)

    assert status == 0, shown
    assert "least has no value (3 to go): Least amount that counts." in shown
    assert "the parameter `least`: `much` is " in shown
    assert "s3cr3t" not in shown
    (path,) = (project / "target" / "runs").glob("*.json")
    assert "s3cr3t" not in path.read_text()
    record = json.loads(path.read_text())
    assert [(p["name"], p["value"], p["origin"]) for p in record["parameters"]] == [
        ("shop.least", "20.00", "asked for"),
        ("shop.open", "true", "asked for"),
        ("shop.pepper", None, "asked for"),
    ]


def test_who_ends_the_input_or_interrupts_gets_the_error(project: Path) -> None:
    prompt = "least (decimal(12, 2)) = "

    ended, told = typed(project, [(prompt, "\x04")])
    interrupted, _ = typed(project, [(prompt, "\x03")])

    assert (ended, interrupted) == (1, 130)
    assert "FD0632 parameter-missing" in told
    assert not (project / "target").exists()


def test_elsewhere_it_is_an_error(featc, project: Path) -> None:
    result = featc("run", cwd=project)

    assert result.status == 1
    assert [e.split(":")[0] for e in result.errors] == ["error[FD0632 parameter-missing]"] * 3
