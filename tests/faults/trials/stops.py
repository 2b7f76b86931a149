"""The real command, killed at any time."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from functools import cache
from pathlib import Path
from random import Random
from time import monotonic

from tests.faults.trials.ground import NEW, Ground, Kept, published, wrong_after

COMMAND = (str(Path(sys.executable).parent / "featc"), "run")


def run_told(out: bytes) -> str:
    """The name of the run that a command says it made."""
    return re.findall(r"\d{8}T\d{12}-[0-9a-f]{6}", out.decode())[-1]


@cache
def prepared() -> tuple[Kept, float]:
    """A published project whose data changed, and how long a run of it takes."""
    ground = published()
    ground.holds(NEW)
    kept = ground.kept()
    began = monotonic()
    subprocess.run(COMMAND, cwd=ground.folder, check=True, stdout=subprocess.DEVNULL)
    return kept, monotonic() - began


def trial(seed: int) -> str | None:
    """Kill a run at a moment that the seed decides; some are over by then."""
    kept, seconds = prepared()
    ground = kept.again()
    wait = Random(seed).uniform(0.1, 1.1) * seconds
    process = subprocess.Popen(
        COMMAND, cwd=ground.folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        told, _ = process.communicate(timeout=wait)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        told, _ = process.communicate()
    if process.returncode not in (0, -signal.SIGKILL):
        return f"exit status {process.returncode}"
    if process.returncode == 0:
        ground = Ground(ground.folder, ground.acknowledged | {run_told(told)})
    found = wrong_after(ground, "run")
    return found and f"killed after {wait:.3f} s of {seconds:.3f}: {found}"
