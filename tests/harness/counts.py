"""A long run that goes on where it stopped, and how much has been compared so far.

    python -m tests.harness.counts [--seconds N] [--seed-from N] [--file PATH] [--table]

Counts are kept in a file, by lane, with versions; `--table` prints them as Markdown. A failure
is told with its smallest case and ends the run; the next run goes on behind it.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import duckdb
import sqlglot

from tests.harness import fuzz, pairs, training, values
from tests.harness.case import Case
from tests.harness.checks import shown
from tests.harness.engine import Engine
from tests.harness.fuzz import Read
from tests.harness.pairs import Pairs
from tests.harness.tally import Tally

FILE = Path("target/harness.json")
_SHARES = {"texts": 0.25, "values": 0.35, "training": 0.2, "pairs": 0.2}


@dataclass
class Lane:
    """``trial`` of a seed gives what is wrong; ``counted`` what has been compared by now."""

    says: str
    trial: Callable[[int], str | None]
    counted: Callable[[], int]


def lanes() -> dict[str, Lane]:
    engine, read, at_one, spines, related = Engine(), Read(), Tally(), Tally(), Pairs()

    def told(case: Case | None, seed: int) -> str | None:
        return None if case is None else shown(case, seed)

    return {
        "texts": Lane(
            "texts read and checked: diagnostics only, each within a second",
            lambda seed: fuzz.trial(seed, read),
            lambda: read.texts,
        ),
        "values": Lane(
            "sets of rows at a time: all values of the oracle",
            lambda seed: told(values.trial(seed, at_one, engine), seed),
            lambda: at_one.agreed,
        ),
        "training": Lane(
            "sets of rows with a spine: all values of the oracle",
            lambda seed: told(training.trial(seed, spines, engine), seed),
            lambda: spines.agreed,
        ),
        "pairs": Lane(
            "pairs of runs that a relation holds for",
            lambda seed: told(pairs.trial(seed, related, engine), seed),
            lambda: related.total,
        ),
    }


def versions() -> dict[str, str]:
    return {
        "duckdb": duckdb.__version__,
        "sqlglot": sqlglot.__version__,
        "python": platform.python_version(),
    }


def table(kept: dict[str, dict[str, object]]) -> str:
    """The counts as Markdown."""
    names = lanes()
    rows = [
        f"| {names[n].says} | {k['compared']:,} | {k['next_seed']:,} | {k['failures']} |"
        for n, k in kept.items()
        if n in names
    ]
    engines = ", ".join(f"{name} {v}" for name, v in kept.get("versions", versions()).items())
    head = "| what | compared | next seed | failures |\n|---|---|---|---|"
    return "\n".join([head, *rows, "", f"With {engines}."])


def run(kept: dict[str, dict], seconds: float, seed_from: int | None, path: Path) -> int:
    """All lanes, each for its share of the time; gives how many failed."""
    failed = 0
    for name, lane in lanes().items():
        counts = kept.setdefault(name, {"compared": 0, "next_seed": 1, "failures": 0})
        seed = counts["next_seed"] if seed_from is None else seed_from
        until, before = monotonic() + seconds * _SHARES[name], counts["compared"]
        while monotonic() < until:
            wrong = lane.trial(seed)
            seed += 1
            if wrong is not None:
                print(f"{name}: {wrong}")
                counts["failures"] += 1
                failed += 1
        counts["compared"], counts["next_seed"] = before + lane.counted(), seed
        kept["versions"] = versions()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(kept, indent=1) + "\n")
    return failed


def main(arguments: Iterable[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed-from", type=int)
    parser.add_argument("--file", type=Path, default=FILE)
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args(list(arguments))
    kept = json.loads(given.file.read_text()) if given.file.exists() else {}
    failed = 0 if given.table else run(kept, given.seconds, given.seed_from, given.file)
    print(table(kept))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
