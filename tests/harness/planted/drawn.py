"""Mutants that mutmut drew at random, and what became of each.

    python -m tests.harness.planted.drawn [SECONDS A MUTANT]

looks for those that are not caught yet as the harness looks for bugs; with `--tests`, for what is
left by the tests that are written for planner and lowering. `--table` prints the survivors.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from itertools import count
from pathlib import Path
from time import process_time

from tests.harness.planted.hunt import caught
from tests.harness.planted.plant import Bug, Gone

FILE = Path(__file__).with_name("drawn.json")
ROOT = Path(__file__).parents[3]
LANES = ("values", "training", "R15", "R4", "R2")
TESTS = (
    "tests/literate",
    "tests/lowering",
    "tests/planning",
    "tests/test_docs.py",
    "tests/test_testing.py",
)
"""Tests that say what planner and lowering must give."""


@dataclass(frozen=True)
class Drawn:
    """``lane`` and ``seed`` caught it, or the ``test``; ``equal`` says why it changes nothing."""

    module: str
    line: int
    old: str
    new: str
    lane: str = ""
    seed: int = 0
    test: str = ""
    equal: str = ""

    @property
    def bug(self) -> Bug:
        return Bug(f"{self.module}:{self.line}", "drawn", self.module, self.old, self.new)

    @property
    def caught(self) -> bool:
        return bool(self.lane or self.test)


def read() -> list[Drawn]:
    return [Drawn(**d) for d in json.loads(FILE.read_text(encoding="utf-8"))]


def write(drawn: Iterable[Drawn]) -> None:
    text = json.dumps([asdict(d) for d in drawn], indent=1)
    FILE.write_text(text + "\n", encoding="utf-8")


def looked(mutant: Drawn, seconds: float) -> Drawn:
    """With the lane and the seed that catch it, and show nothing without it, if any do."""
    turns = ((lane, seed) for seed in count(1) for lane in LANES[: 2 if seed % 5 else None])
    turn = caught(mutant.bug, turns, process_time() + seconds)
    return mutant if turn is None else replace(mutant, lane=turn[0], seed=turn[1])


def tested(mutant: Drawn) -> Drawn:
    """With the test that fails with it, if one does, in a copy of the project."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        leave = shutil.ignore_patterns(".*", "__pycache__", "target", "node_modules")
        shutil.copytree(ROOT, copy, ignore=leave)
        path = copy / "featdsl" / (mutant.module.replace(".", "/") + ".py")
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(mutant.old, mutant.new, 1), encoding="utf-8")
        tests = [t for t in TESTS if (copy / t).exists()]
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
        ran = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
        failed = [line.split()[1] for line in ran.stdout.splitlines() if line.startswith("FAILED")]
        return replace(mutant, test=failed[0]) if failed else mutant


def table(drawn: list[Drawn]) -> str:
    """Those that nothing catches, as Markdown."""
    left = [d for d in drawn if not d.caught]
    why = {d: d.equal or "it may: no test yet" for d in left}
    rows = [f"| `{d.module}` | `{_short(d.old)}` | `{_short(d.new)}` | {why[d]} |" for d in left]
    head = ["| where | is | drawn | why nothing differs |", "|---|---|---|---|"]
    own, odd = sum(bool(d.lane) for d in drawn), sum(not d.equal for d in left)
    says = (
        f"Of {len(drawn)} the harness catches {own} within 20 seconds each, tests with hand-worked "
        f"results {len(drawn) - len(left) - own} more; "
        f"{len(left) - odd} change no value, {odd} may."
    )
    return "\n".join([says, "", *head, *rows])


def _short(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def main(arguments: list[str]) -> None:
    drawn = read()
    if "--table" in arguments:
        print(table(drawn))
        return
    seconds = float(next((a for a in arguments if a[0] != "-"), "30"))
    for i, mutant in enumerate(drawn):
        if mutant.caught or mutant.equal:
            continue
        try:
            drawn[i] = tested(mutant) if "--tests" in arguments else looked(mutant, seconds)
        except Gone as gone:
            print(f"left to the tests: {gone}", flush=True)
            continue
        write(drawn)
        d = drawn[i]
        print((d.lane and f"{d.lane} {d.seed}") or d.test or "SURVIVES", d.bug.name, flush=True)
    print(table(drawn))


if __name__ == "__main__":
    main(sys.argv[1:])
