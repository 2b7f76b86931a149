"""Many processes that publish into one target at once."""

from __future__ import annotations

import multiprocessing
import shutil
import subprocess
from pathlib import Path
from random import Random

from featdsl.files.digest import sha256
from featdsl.store.current import current_sets
from featdsl.store.ledger import entries
from featdsl.store.verify import verify
from tests.faults.trials.ground import NEW, OLD, Ground, called, new_folder, unpublished, wrong_now
from tests.faults.trials.stops import COMMAND, run_told
from tests.support.publishing import DEV, publish_lines

PROCESSES = 8
PUBLISHES = 50
COMMANDS = 5


def publishes(target: Path, number: int, times: int, told: Path) -> None:
    """Publish two sets again and again; what succeeded is told."""
    for i in range(times):
        publish_lines(target, f"p{number}-{i}", f"a{number}", f"b{number}")
        with told.open("a") as file:
            file.write(f"p{number}-{i}\n")


def torn(target: Path) -> str | None:
    """What a reader finds that no publisher meant."""
    found = current_sets(target, DEV)
    for name, pointer in found.items():
        if found["b" + name[1:]].run != pointer.run:
            return f"{name}: half of {pointer.run}"
        (file,) = pointer.files
        written = target / "data" / pointer.folder / file.path
        if sha256(written) != file.sha256:
            return f"{name}: {written} has another hash"
    return None


def many_publish(seed: int, each: int = PUBLISHES) -> str | None:
    """Eight processes publish at once while others read."""
    folder = new_folder()
    target, told = folder / "target", folder / "told"
    told.mkdir()
    work = [
        multiprocessing.get_context("fork").Process(
            target=publishes, args=(target, n, each, told / f"{n}")
        )
        for n in range(PROCESSES)
    ]
    try:
        for process in work:
            process.start()
        while any(p.is_alive() for p in work):
            found = torn(target)
            if found is not None:
                return found
        codes = [p.exitcode for p in work]
        if codes != [0] * PROCESSES:
            return f"publishers ended with {codes}"
        acknowledged = {line for path in told.iterdir() for line in path.read_text().split()}
        if acknowledged != {e.id for e in entries(target)} or len(acknowledged) != PROCESSES * each:
            return f"{len(acknowledged)} runs were told of, {len(entries(target))} are known"
        wrong = verify(target).wrong
        return torn(target) or (f"{wrong}" if wrong else None)
    finally:
        for process in work:
            process.kill()
            process.join()
        shutil.rmtree(folder)


def many_commands(seed: int) -> str | None:
    """Eight processes each run the real command five times, while the data change."""
    ground = unpublished()
    r = Random(seed)
    told: list[str] = []
    try:
        for _ in range(COMMANDS):
            ground.holds(r.choice((OLD, NEW)))
            begun = [
                subprocess.Popen(
                    COMMAND, cwd=ground.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE
                )
                for _ in range(PROCESSES)
            ]
            for process in begun:
                out, err = process.communicate()
                if process.returncode == 0:
                    told.append(run_told(out))
                elif b"FD0803" not in out + err:
                    return f"exit status {process.returncode}: {err.decode()}{out.decode()}"
        if not told:
            return "none of the commands succeeded"
        if called(ground.folder, "promote", "dev", "prod") != 0:
            return "what was published cannot be promoted"
        return wrong_now(Ground(ground.folder, frozenset(told)))
    finally:
        shutil.rmtree(ground.folder)
