"""The record of what has been compared: slices of seeds, by lane, with the versions they ran on.

`counts.json` beside this file is the committed one; a run keeps one of its own, which is merged
into it. Seeds of another generator are other cases: slices are told apart by its digest.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path

import duckdb
import sqlglot

HERE = Path(__file__).parent
COMMITTED = HERE / "counts.json"

LANES = {
    "texts": ("texts read and checked: diagnostics only, each within a second", 10_000_000),
    "values": ("sets of rows at a time: all values of the oracle", 700_000),
    "training": ("sets of rows with a spine: all values of the oracle", 300_000),
    "pairs": ("pairs of runs that a relation holds for", 300_000),
    "requests": ("rows of data sets over their own spines, and answers to requests", 100_000),
    "expectations": ("expectations of runs and training sets: verdicts and failing rows", 100_000),
    "kills": ("commands killed at a point at which they write", 10_000),
    "stops": ("real commands killed at any time", 2_000),
    "flips": ("files of a target with a bit turned over, or cut off", 100_000),
    "publishes": ("publishes of eight processes at once, read meanwhile", 40_000),
    "commands": ("real commands, eight at once", 1_000),
}
"""What a lane compares, and how much nightly runs go up to."""
_MAKES = ("generate/**/*.py", "relations/*.py", "values.py", "training.py", "pairs.py", "fuzz.py")
_ASKS = ("generate/**/*.py", "asking/*.py", "values.py", "requests.py", "expectations.py")
_FAULTS = ("../faults/trials/*.py",)
_PATTERNS = {
    **dict.fromkeys(("requests", "expectations"), _ASKS),
    **dict.fromkeys(("kills", "stops", "flips", "publishes", "commands"), _FAULTS),
}


@dataclass(frozen=True, order=True)
class Slice:
    """Seeds from ``first`` to before ``next``, and what came of them."""

    lane: str
    generator: str
    first: int
    next: int
    compared: int
    failures: int
    duckdb: str
    sqlglot: str
    python: str

    @property
    def kind(self) -> tuple[str, ...]:
        """What slices have in common that may be put together."""
        return (self.lane, self.generator, self.duckdb, self.sqlglot, self.python)

    def overlaps(self, other: Slice) -> bool:
        same = (self.lane, self.generator) == (other.lane, other.generator)
        return same and self.first < other.next and other.first < self.next


class Twice(Exception):
    """Slices of the same seeds, which must not be counted twice."""


def generator(lane: str) -> str:
    """What tells generators apart: all that decides what a seed of a lane makes up."""
    digest = sha256()
    for pattern in _PATTERNS.get(lane, _MAKES):
        for path in sorted(HERE.glob(pattern)):
            digest.update(path.relative_to(HERE).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def versions() -> dict[str, str]:
    return {
        "duckdb": duckdb.__version__,
        "sqlglot": sqlglot.__version__,
        "python": platform.python_version(),
    }


def joined(slices: Iterable[Slice]) -> list[Slice]:
    """Slices in order, and those that lie side by side as one.

    Raises:
        Twice: two of them have a seed in common.
    """
    found: list[Slice] = []
    for s in sorted(slices, key=lambda s: (s.lane, s.generator, s.first)):
        last = found[-1] if found else None
        if last is not None and last.overlaps(s):
            raise Twice(f"{s.lane}: seeds {s.first} to {s.next} are counted already")
        if last is not None and last.kind == s.kind and last.next == s.first:
            both = (last.compared + s.compared, last.failures + s.failures)
            found[-1] = replace(last, next=s.next, compared=both[0], failures=both[1])
        else:
            found.append(s)
    return found


def read(path: Path) -> list[Slice]:
    if not path.exists():
        return []
    return [Slice(**s) for s in json.loads(path.read_text(encoding="utf-8"))]


def write(path: Path, slices: Iterable[Slice]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(json.dumps(asdict(s)) for s in slices)
    path.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def compared(slices: Iterable[Slice], lane: str) -> int:
    return sum(s.compared for s in slices if s.lane == lane)


def table(slices: list[Slice]) -> str:
    """The counts as Markdown."""
    rows = []
    for lane, (says, goal) in LANES.items():
        own = [s for s in slices if s.lane == lane]
        seeds, failures = sum(s.next - s.first for s in own), sum(s.failures for s in own)
        rows.append(f"| {says} | {compared(own, lane):,} | {goal:,} | {seeds:,} | {failures} |")
    head = "| what | compared | goal of nightly | seeds | failures |\n|---|---|---|---|---|"
    ran = {f"DuckDB {s.duckdb}, sqlglot {s.sqlglot}, Python {s.python}" for s in slices}
    return "\n".join([head, *rows, "", f"On {'; '.join(sorted(ran)) or 'nothing yet'}."])
