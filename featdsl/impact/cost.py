"""What it costs to compute anew what a plan changes: files, bytes, rows, seconds, money.

Sizes are those of the files as they lie there now. Rows and seconds are taken from earlier runs of
the target and scaled; without such runs there are none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Final

from featdsl.diagnostics.failure import Failure
from featdsl.impact.compare import Impact, Kind
from featdsl.ir.program import Group, Program, Source
from featdsl.project.config import Target
from featdsl.project.load import Project
from featdsl.runs.needed import needed_sources
from featdsl.sources.registry import sources
from featdsl.store.ledger import newest_first
from featdsl.store.record import InputUse, RunRecord, Status

MOST = 5
"""Runs that are looked at."""

_TB = Decimal(10**12)
_HOUR = Decimal(3600)
_CENT = Decimal("0.000001")
_FIXED: Final = 2.0
"""Seconds that fewer data or features take no part of: statements are planned, files opened."""
_SOURCES: Final = ("find", "stage", "check data")
_COMPUTE: Final = "compute"


@dataclass(frozen=True, slots=True)
class SourceCost:
    """What is read of a source; None where nobody can say before it is asked."""

    source: str
    files: int | None
    bytes: int | None
    rows: int | None


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one run of the groups that change; ``seconds`` are told by ``runs`` earlier ones."""

    groups: tuple[str, ...]
    features: int
    sources: tuple[SourceCost, ...]
    seconds: float | None
    runs: int
    money: Decimal | None

    @property
    def files(self) -> int:
        return sum(s.files or 0 for s in self.sources)

    @property
    def bytes(self) -> int:
        return sum(s.bytes or 0 for s in self.sources)

    @property
    def rows(self) -> int | None:
        """Of all sources; None where one of them is not known."""
        known = [s.rows for s in self.sources if s.rows is not None]
        return sum(known) if len(known) == len(self.sources) else None


def groups_hit(impact: Impact, program: Program) -> tuple[str, ...]:
    """Groups of which another version has to be published, in the order of the texts."""
    other = (c for c in impact.features if c.kind is not Kind.SAID)
    hit = {entry.group for c in other for entry in (c.after, c.before) if entry is not None}
    return tuple(name for name in program.groups if name in hit)


def cost_of(project: Project, program: Program, groups: Sequence[str]) -> Cost:
    """What a run of some groups costs.

    Raises:
        FileError: the catalog cannot be read.
    """
    past = past_runs(project.target_dir, project.target_name)
    read = tuple(_source_cost(s, project, past) for s in needed_sources(program, groups))
    features = {g: _computed(program.groups[g]) for g in groups}
    size = sum(s.bytes or 0 for s in read)
    seconds = estimate(past, features, size) if groups else 0.0
    return Cost(
        groups=tuple(groups),
        features=sum(features.values()),
        sources=read,
        seconds=seconds,
        runs=len(past),
        money=_money(project.target, size, seconds),
    )


def _computed(group: Group) -> int:
    return sum(not f.meta.private for f in group.features.values())


def past_runs(target: Path, name: str, most: int = MOST) -> list[RunRecord]:
    """The newest runs of a target that published values, newest first."""
    found = newest_first(target, holding='"kind": "run"')
    published = (
        r
        for r in found
        if r.kind == "run" and r.target == name and r.status is Status.SUCCEEDED and not r.trial
    )
    return list(islice(published, most))


def estimate(past: Sequence[RunRecord], features: Mapping[str, int], size: int) -> float | None:
    """Seconds of a run of groups, with so many features each, that reads so many bytes.

    Each earlier run says how long this one would take: what reads sources goes with their bytes,
    what computes with bytes and features, what looks at results with their cells, and the rest
    is always the same. Of several the median.
    """
    told = [s for r in past if (s := _scaled(r, features, size)) is not None]
    return median(told) if told else None


def _scaled(record: RunRecord, features: Mapping[str, int], size: int) -> float | None:
    if record.seconds is None or not record.outputs:
        return None
    bytes_then = sum(f.bytes for i in record.inputs for f in i.files)
    by_bytes = size / bytes_then if bytes_then else 1.0
    then = {o.group: max(1, len(o.profile)) for o in record.outputs}
    rows = {o.group: o.rows for o in record.outputs}
    usual = sum(rows.values()) / len(rows)
    cells_then = sum(n * rows[g] for g, n in then.items())
    cells = sum(n * rows.get(g, usual) for g, n in features.items())
    by_features = sum(features.values()) / sum(then.values())
    by_cells = cells / cells_then if cells_then else by_features
    staged = sum(s.seconds for s in record.stages)
    fixed = min(1.0, _FIXED / staged) if staged else 1.0
    seconds = max(0.0, record.seconds - staged)
    for stage in record.stages:
        if stage.name in _SOURCES:
            scale = by_bytes
        elif stage.name == _COMPUTE:
            scale = by_bytes * by_features
        else:
            scale = by_cells
        seconds += stage.seconds * max(scale, fixed + (1 - fixed) * scale)
    return seconds


def _source_cost(source: Source, project: Project, past: Iterable[RunRecord]) -> SourceCost:
    before = next((i for r in past for i in r.inputs if i.source == source.name), None)
    kind = sources()[source.location.kind]
    if kind.called or kind.connected or kind.named or kind.query:
        # Nothing is asked or called for a plan: what it was the last time.
        rows = None if before is None else before.rows
        size = None if before is None else sum(f.bytes for f in before.files)
        return SourceCost(source.name, None if before is None else len(before.files), size, rows)
    try:
        roots = (project.data_dir, *project.more_data)
        files = kind.find(source.location, project.data_dir, roots)
        size = sum(f.stat().st_size for f in files)
    except (Failure, OSError):
        return SourceCost(source.name, None, None, None)
    return SourceCost(source.name, len(files), size, _rows(before, size))


def _rows(before: InputUse | None, size: int) -> int | None:
    """So many as there were in as many bytes."""
    if before is None:
        return None
    then = sum(f.bytes for f in before.files)
    return round(before.rows * size / then) if then else before.rows


def _money(target: Target, size: int, seconds: float | None) -> Decimal | None:
    """In the unit of the target's settings; None where they say nothing, or no time is known."""
    parts = []
    if target.cost_per_tb is not None:
        parts.append(target.cost_per_tb * size / _TB)
    if target.cost_per_hour is not None:
        if seconds is None:
            return None
        parts.append(target.cost_per_hour * Decimal(repr(seconds)) / _HOUR)
    return sum(parts, Decimal(0)).quantize(_CENT) if parts else None
