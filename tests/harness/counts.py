"""A long run that goes on where it stopped, and how much has been compared so far.

    python -m tests.harness.counts [--lanes a,b] [--seconds N] [--seed-from N] [--processes N]
    python -m tests.harness.counts --nightly       # every lane, up to its goal, of all runs
    python -m tests.harness.counts --merge FILE    # into the committed record
    python -m tests.harness.counts --table         # the committed record as Markdown

Runs elsewhere begin at a seed of their own and keep a file of their own (`--file`). A failure is
told with its seed and its smallest case, and counted; the run goes on behind it.
"""

from __future__ import annotations

import argparse
import sys
import traceback
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from pathlib import Path
from time import monotonic

from tests.faults.trials import crowds, flips, kills, stops
from tests.harness import expectations, fuzz, pairs, requests, training, values
from tests.harness.case import Case
from tests.harness.checks import shown
from tests.harness.engine import Engine
from tests.harness.fuzz import Read
from tests.harness.pairs import Pairs
from tests.harness.record import (
    COMMITTED,
    LANES,
    Slice,
    generator,
    joined,
    read,
    table,
    versions,
    write,
)
from tests.harness.tally import Tally

FILE = Path("target/harness.json")
SLICE = 20
"""Seeds that are counted together; of crowds each alone, since one takes as long."""
CROWDS = ("publishes", "commands")


def slice_of(name: str) -> int:
    return 1 if name in CROWDS else SLICE


@dataclass(frozen=True)
class Lane:
    """``trial`` of a seed gives what is wrong; ``counted`` what has been compared by now."""

    trial: Callable[[int], str | None]
    counted: Callable[[], int]


def each(trial: Callable[[int], str | None], compared: int = 1) -> Lane:
    """A lane whose trials compare equally much."""
    done = 0

    def counting(seed: int) -> str | None:
        nonlocal done
        done += compared
        return trial(seed)

    return Lane(counting, lambda: done)


@cache
def lanes() -> dict[str, Lane]:
    """Those of this process."""
    engine, texts, at_one, spines, related = Engine(), Read(), Tally(), Tally(), Pairs()
    asked, expected = Tally(), Tally()

    def told(case: Case | None, seed: int) -> str | None:
        return None if case is None else shown(case, seed)

    return {
        "texts": Lane(lambda seed: fuzz.trial(seed, texts), lambda: texts.texts),
        "values": Lane(
            lambda seed: told(values.trial(seed, at_one, engine), seed), lambda: at_one.agreed
        ),
        "training": Lane(
            lambda seed: told(training.trial(seed, spines, engine), seed), lambda: spines.agreed
        ),
        "pairs": Lane(
            lambda seed: told(pairs.trial(seed, related, engine), seed), lambda: related.total
        ),
        "requests": Lane(
            lambda seed: told(requests.trial(seed, asked), seed), lambda: asked.agreed
        ),
        "expectations": Lane(
            lambda seed: told(expectations.trial(seed, expected), seed), lambda: expected.agreed
        ),
        "kills": each(kills.trial),
        "stops": each(stops.trial),
        "flips": each(flips.trial),
        "publishes": each(crowds.many_publish, crowds.PROCESSES * crowds.PUBLISHES),
        "commands": each(crowds.many_commands, crowds.PROCESSES * crowds.COMMANDS),
    }


def ran(name: str, first: int, size: int | None = None) -> tuple[Slice, list[str]]:
    """A slice, and its failures."""
    size = size or slice_of(name)
    lane = lanes()[name]
    before, failures = lane.counted(), []
    for seed in range(first, first + size):
        try:
            wrong = lane.trial(seed)
        except Exception:  # noqa: BLE001 - that is a failure too
            wrong = traceback.format_exc()
        if wrong is not None:
            failures.append(f"{name}, seed {seed}: {wrong}")
    counted = lane.counted() - before
    kind = {"lane": name, "generator": generator(name), **versions()}
    return Slice(
        **kind, first=first, next=first + size, compared=counted, failures=len(failures)
    ), failures


@dataclass
class Run:
    """Slices of the lane that is furthest behind, in several processes, until the time is over."""

    path: Path
    names: list[str]
    until: float
    seed_from: int | None = None
    nightly: bool = False
    failed: int = 0
    slices: list[Slice] = field(default_factory=list)

    def go(self, processes: int) -> None:
        self.slices = read(self.path)
        seeds = {name: count(self._next(name), slice_of(name)) for name in self.names}
        going: dict[Future[tuple[Slice, list[str]]], str] = {}
        with ProcessPoolExecutor(processes) as pool:
            while True:
                name = min(self.names, key=lambda n: self._share(n, going.values()))
                enough = self.nightly and self._share(name, ()) >= 1
                if len(going) < processes and monotonic() < self.until and not enough:
                    going[pool.submit(ran, name, next(seeds[name]))] = name
                elif going:
                    for done in wait(going, return_when=FIRST_COMPLETED).done:
                        going.pop(done)
                        self._keep(*done.result())
                else:
                    break

    def _next(self, name: str) -> int:
        """Where a lane goes on: behind what is counted, or at the seed that was given."""
        kind = (name, generator(name))
        known = [*self.slices, *(read(COMMITTED) if self.seed_from is None else ())]
        return max([self.seed_from or 1, *(s.next for s in known if s.kind[:2] == kind)])

    def _share(self, name: str, going: Collection[str]) -> float:
        """How much of its goal a lane has, with what is being compared; nightly, of all runs."""
        slices = [*self.slices, *(read(COMMITTED) if self.nightly else ())]
        own = [s for s in slices if s.lane == name]
        seeds = sum(s.next - s.first for s in own)
        each = sum(s.compared for s in own) / seeds if seeds else 10
        more = sum(n == name for n in going) * slice_of(name) * each
        return (sum(s.compared for s in own) + more) / LANES[name][1]

    def _keep(self, ran: Slice, failures: list[str]) -> None:
        self.slices = joined([*self.slices, ran])
        write(self.path, self.slices)
        self.failed += len(failures)
        for failure in failures:
            print(failure, flush=True)


def main(arguments: Iterable[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--lanes", default=",".join(LANES))
    parser.add_argument("--seconds", type=float, help="600; nightly, none")
    parser.add_argument("--seed-from", type=int, help="of a run elsewhere")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--file", type=Path, default=FILE)
    parser.add_argument("--nightly", action="store_true")
    parser.add_argument("--merge", type=Path)
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args(list(arguments))
    if given.merge:
        write(COMMITTED, joined([*read(COMMITTED), *read(given.merge)]))
    if given.merge or given.table:
        print(table(read(COMMITTED)))
        return 0
    seconds = given.seconds or (float("inf") if given.nightly else 600)
    until = monotonic() + seconds
    run = Run(given.file, given.lanes.split(","), until, given.seed_from, given.nightly)
    run.go(given.processes)
    print(table(run.slices))
    return 1 if run.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
