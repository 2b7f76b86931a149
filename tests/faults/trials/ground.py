"""A project that is published, commands that are called on it, and what must hold after each."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

from featdsl.cli.main import run
from featdsl.files.digest import sha256
from featdsl.files.errors import FileError
from featdsl.files.faults import Action, armed
from featdsl.store.current import Space, current_sets
from featdsl.store.leases import running
from featdsl.store.ledger import entries, load_records
from featdsl.store.record import Status
from featdsl.store.verify import verify
from tests.support import answering

OLD = answering.PAYMENTS
NEW = OLD.replace(",5.00,", ",8.00,")
"""Of customer 2 there is one payment: its mean is 5 or 8, and a cart of 40 is 8 or 5 times that."""
MEANS = {Decimal(8): Decimal(5), Decimal(5): Decimal(8)}
TARGETS = "\n[targets.dev]\n[targets.prod]\n"
NOTHING_LEFT = {"rollback": (1,)}
"""Exit statuses of a command that was killed when all was done, and has nothing to do any more."""
SETS = {"shop.bought", "shop.fit"}


@dataclass(frozen=True, slots=True)
class Ground:
    """A project in a folder of its own; ``acknowledged`` are the entries that were told of."""

    folder: Path
    acknowledged: frozenset[str]

    @property
    def target(self) -> Path:
        return self.folder / "target"

    def holds(self, payments: str) -> None:
        """Change the data."""
        (self.folder / "payments.csv").write_text(payments)

    def kept(self) -> Kept:
        """The folder as it is now."""
        copy = new_folder() / "kept"
        shutil.copytree(self.folder, copy, symlinks=True)
        return Kept(self, copy)


@dataclass(frozen=True, slots=True)
class Kept:
    """A project as it once was, to be had again in its place: a target knows where it lies."""

    ground: Ground
    copy: Path

    def again(self) -> Ground:
        shutil.rmtree(self.ground.folder)
        shutil.copytree(self.copy, self.ground.folder, symlinks=True)
        return self.ground


@cache
def _all() -> TemporaryDirectory[str]:
    """What trials leave goes with the process."""
    return TemporaryDirectory(prefix="featc-trials-")


def new_folder() -> Path:
    return Path(mkdtemp(dir=_all().name))


def unpublished() -> Ground:
    """A project that nobody ran."""
    folder = answering.written(new_folder())
    settings = folder / "featc.toml"
    settings.write_text(settings.read_text() + TARGETS)
    return Ground(folder, frozenset())


def published() -> Ground:
    """Published three times, and in another target too; both kinds of data are in the cache."""
    ground = unpublished()
    for payments in (OLD, NEW, OLD):
        ground.holds(payments)
        assert called(ground.folder, "run") == 0
    assert called(ground.folder, "promote", "dev", "prod") == 0
    return Ground(ground.folder, frozenset(e.id for e in entries(ground.target)))


def called(folder: Path, *arguments: str, fault: tuple[Action, int] | None = None) -> int:
    """Call a command in a forked process; its exit status, negative for a signal."""

    def body() -> None:
        silent()
        os.chdir(folder)
        if fault is None:
            os._exit(run(arguments))
        with armed(*fault):
            os._exit(run(arguments))

    return in_child(body)


def in_child(body: Callable[[], None]) -> int:
    child = multiprocessing.get_context("fork").Process(target=body)
    child.start()
    child.join()
    code = child.exitcode
    child.close()
    assert code is not None
    return code


def silent() -> None:
    """Nobody reads what this process prints."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115 - it lives as long as the process
    sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115


def points(folder: Path, *arguments: str) -> list[str]:
    """The points that a command passes, which is called."""
    told = folder / "points.json"

    def body() -> None:
        silent()
        os.chdir(folder)
        with armed("count") as counted:
            status = run(arguments)
        told.write_text(json.dumps(counted.reached))
        os._exit(status)

    status = in_child(body)
    assert status == 0, (arguments, status)
    reached: list[str] = json.loads(told.read_text())
    return reached


def read_plainly(target: Path, space: str) -> str | None:
    """What is wrong for a reader who knows the pointers' file and Parquet alone."""
    path = target / "current" / f"{space}.json"
    if not path.exists():
        return None
    pointers = json.loads(path.read_text())["sets"]
    if set(pointers) != SETS:
        return f"{path.name} has the sets {sorted(pointers)}"
    if len({p["run"] for p in pointers.values()}) != 1:
        return f"{path.name} has sets of several runs"
    for name, pointer in pointers.items():
        for file in pointer["files"]:
            written = target / "data" / pointer["folder"] / file["path"]
            if not written.exists():
                return f"{name}: {written.name} is missing"
            if sha256(written) != file["sha256"]:
                return f"{name}: {written.name} has another hash"
    return None


def answer(folder: Path) -> str:
    """What a request is told of customer 2: the mean, and how often it goes into 40.

    Raises:
        Failure: the request is not answered.
        AssertionError: the two are of different data.
    """
    columns = answering.answered(folder, 2, total=Decimal(40), item="a").columns
    mean, times = (Decimal(str(columns.array(name).values[0])) for name in ("mean", "times"))
    assert MEANS.get(mean) == times, f"mean {mean}, times {times}"
    return str(mean)


def wrong_after(ground: Ground, *again: str) -> str | None:
    """What is wrong when a command was stopped: for readers now, and when it was called again."""
    for space in ("dev", "prod"):
        found = read_plainly(ground.target, space)
        if found is not None:
            return f"before the next run: {found}"
    # A damaged catalog answers nothing: what a doctor was about to mend is mended first.
    if damaged(ground.target) and called(ground.folder, "doctor", "--repair") != 0:
        return "the catalog cannot be made anew"
    died = {run.id for run in running(ground.target)}
    if current_sets(ground.target, Space(target="dev")):
        answer(ground.folder)
    if called(ground.folder, *again) not in (0, *NOTHING_LEFT.get(again[0], ())):
        return f"{again[0]} failed when it was called again"
    # A run takes away what dead ones left; what other commands left, the doctor finds.
    if again[0] != "run" and called(ground.folder, "doctor", "--repair") != 0:
        return "the doctor failed"
    said = {r.run: r.status for r in load_records(ground.target)}
    if any(said.get(run) is not Status.ABORTED for run in died):
        return f"runs that died are said to have {[said.get(run) for run in died]}"
    return wrong_now(ground)


def damaged(target: Path) -> bool:
    """Whether the catalog says nothing."""
    try:
        entries(target)
    except FileError:
        return True
    return False


def wrong_now(ground: Ground) -> str | None:
    """What is wrong when nothing is under way."""
    target = ground.target
    for space in ("dev", "prod"):
        found = read_plainly(target, space)
        if found is not None:
            return found
    answer(ground.folder)
    lost = ground.acknowledged - {e.id for e in entries(target)}
    if lost:
        return f"lost: {sorted(lost)}"
    if running(target):
        return f"still listed as running: {running(target)}"
    if Status.RUNNING in {r.status for r in load_records(target)}:
        return "a record says that it runs"
    left = [p.name for p in (target / ".staging").iterdir() if p.name != "create.lock"]
    if left:
        return f"left in staging: {left}"
    whole = {r.run for r in load_records(target) if r.status is Status.SUCCEEDED}
    strange = [f.name for f in (target / "data").glob("*/v*/*") if f.name not in whole]
    if strange:
        return f"rows of no run: {strange}"
    verified = verify(target)
    if verified.wrong:
        return f"the ledger: {verified.wrong}"
    if called(ground.folder, "doctor") != 0:
        return "the doctor finds something"
    return None
