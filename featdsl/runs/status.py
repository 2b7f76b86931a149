"""How a target stands: what is current of each set, what failed since, what is under way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from featdsl.compiler.pipeline import compile_project
from featdsl.files.publish import DATA
from featdsl.project.load import Project
from featdsl.runs.failures import told
from featdsl.runs.freshness import Freshness, freshness_of, promises
from featdsl.store.current import Current, Space, current_sets, data_folder
from featdsl.store.history import space_of
from featdsl.store.leases import Running, running
from featdsl.store.ledger import newest_first
from featdsl.store.record import CheckStatus, RunRecord, Status
from featdsl.store.trends import TrendUse

_FAILED = (Status.FAILED, Status.ABORTED, Status.INTERRUPTED)


@dataclass(frozen=True, slots=True)
class SetStatus:
    """A set of a target.

    ``good`` is the record of the run that published what is current, None where nothing is or
    the record is lost; ``failed`` that of the newest run that was to publish it, if it did not.
    """

    name: str
    current: Current | None
    good: RunRecord | None
    failed: RunRecord | None
    bytes: int

    @property
    def warned(self) -> int:
        """Checks that the current values did not pass, and that stop nothing."""
        checks = () if self.good is None else self.good.checks
        return sum(c.status is CheckStatus.WARNED for c in checks)

    @property
    def trends(self) -> tuple[TrendUse, ...]:
        """What shifted or slid in the current values: early warnings, which stop nothing."""
        found = () if self.good is None else self.good.trends
        return tuple(t for t in found if t.set == self.name)

    @property
    def needs(self) -> str | None:
        """Why somebody should look, in words; None where all is well."""
        if self.failed is not None:
            first = next((p for p in self.failed.problems if p.severity == "error"), None)
            why = "" if first is None else f": {first.code} {first.slug}"
            return f"the last run {_WORDS[self.failed.status]}{why}"
        return "its record is lost" if self.current is not None and self.good is None else None


_WORDS = {
    Status.FAILED: "failed",
    Status.ABORTED: "died",
    Status.INTERRUPTED: "was interrupted",
}


@dataclass(frozen=True, slots=True)
class TargetStatus:
    """``alive`` runs are under way, ``dead`` ones were when their process died.

    ``promised`` are data sets that promise a freshness; None where the texts have mistakes.
    ``disk`` has bytes of data, of the cache, and of all.
    """

    target: str
    sets: tuple[SetStatus, ...]
    alive: tuple[Running, ...]
    dead: tuple[Running, ...]
    disk: Mapping[str, int]
    promised: tuple[Freshness, ...] | None = ()

    @property
    def well(self) -> bool:
        """Whether nobody has to look."""
        if self.dead or self.promised is None:
            return False
        needs = [*(s.needs for s in self.sets), *(p.needs for p in self.promised)]
        return all(n is None for n in needs)


def status_of(project: Project, now: datetime) -> TargetStatus:
    """How a project's target stands at a time, UTC without a zone.

    Raises:
        Failure: its catalog cannot be read.
    """
    target, space = project.target_dir, Space(target=project.target_name)
    with told():
        current, under_way = current_sets(target, space), running(target)
        good, failed = _newest(target, space, current)
    own = [r for r in under_way if r.space == space]
    return TargetStatus(
        target=space.target,
        sets=tuple(
            SetStatus(
                name=name,
                current=current.get(name),
                good=good.get(name),
                failed=failed.get(name),
                bytes=_size(data_folder(target, space, current[name])) if name in current else 0,
            )
            for name in sorted({*current, *failed})
        ),
        alive=tuple(r for r in own if r.alive(target)),
        dead=tuple(r for r in own if not r.alive(target)),
        disk={
            "data": _size(target / DATA),
            "cache": _size(target / "cache"),
            "all": _size(target),
        },
        promised=_promised(project, current, good, now),
    )


def _promised(
    project: Project,
    current: Mapping[str, Current],
    good: Mapping[str, RunRecord],
    now: datetime,
) -> tuple[Freshness, ...] | None:
    if not promises(project):
        return ()
    found = compile_project(project.texts, project.options)
    if not found.ok or project.problems.has_errors:
        return None
    as_of = {name: good[name].as_of if name in good else None for name in current}
    return freshness_of(found.program, as_of, now)


def _newest(
    target: Path, space: Space, current: Mapping[str, Current]
) -> tuple[dict[str, RunRecord], dict[str, RunRecord]]:
    """Of each set the run that published what is current, and the newest one if it failed.

    Read from the newest on, and no further than what is current. What a rollback left behind is
    no failure, and a run of another target may have published what was promoted.
    """
    good: dict[str, RunRecord] = {}
    failed: dict[str, RunRecord] = {}
    seen: set[str] = set()
    for record in newest_first(target, holding=""):
        for name in record.sets:
            if name in current and current[name].run == record.run:
                good[name] = record
            if space_of(record) == space and name not in seen:
                seen.add(name)
                if record.status in _FAILED:
                    failed[name] = record
        if current and current.keys() <= good.keys() & seen:
            break
    return good, failed


def _size(path: Path) -> int:
    return sum(_sizes(path))


def _sizes(path: Path) -> Iterator[int]:
    for below in path.rglob("*") if path.is_dir() else ():
        try:
            if below.is_file():
                yield below.stat().st_size
        except OSError:  # it went away while it was looked at
            continue


def age(instant: datetime, now: datetime) -> str:
    """How long ago, in the largest unit of which there are two."""
    seconds = max(0, int((now - instant).total_seconds()))
    for name, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {name} ago"
    return f"{seconds} s ago"
