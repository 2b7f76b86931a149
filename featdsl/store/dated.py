"""What counts for an as-of time: of each set the run that published it, by the ledger."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from featdsl.store.current import Space
from featdsl.store.history import published, space_of
from featdsl.store.ledger import oldest_first
from featdsl.store.record import ChangeRecord, RunRecord


@dataclass(slots=True)
class Dated:
    """Versions of sets by as-of time, oldest first: the last one counts."""

    versions: dict[tuple[str, datetime], list[RunRecord]] = field(default_factory=dict)

    def add(self, record: RunRecord) -> None:
        """A run published its sets."""
        for name, _ in published(record):
            _add(self, name, record)

    def last(self, name: str, as_of: datetime) -> RunRecord | None:
        """The run whose rows of a set count for an as-of time."""
        found = self.versions.get((name, as_of))
        return found[-1] if found else None

    def times(self, name: str) -> list[datetime]:
        """The as-of times of which a set is published, in order."""
        return sorted(at for (n, at), found in self.versions.items() if n == name and found)


def dated(target: Path, space: Space) -> Dated:
    """What counts for each as-of time in a space.

    A run that was gone back over does not count any more, what was removed neither; what was
    promoted counts where it was promoted to.

    Raises:
        FileError: the catalog cannot be read.
    """
    found, known = Dated(), dict[str, RunRecord]()
    for record in oldest_first(target):
        if isinstance(record, RunRecord):
            known[record.run] = record
            if record.kind == "run" and space_of(record) == space:
                found.add(record)
        elif not space.location:
            _change(found, known, record, space)
    return found


def _add(found: Dated, name: str, record: RunRecord) -> None:
    versions = found.versions.setdefault((name, record.as_of), [])
    versions[:] = [r for r in versions if r.run != record.run] + [record]


def _take(found: Dated, name: str, run: str) -> None:
    for (of, _), versions in found.versions.items():
        if of == name:
            versions[:] = [r for r in versions if r.run != run]


def _change(found: Dated, known: dict[str, RunRecord], record: ChangeRecord, space: Space) -> None:
    for change in record.changes:
        if record.kind == "gc":  # files are of all targets
            _take(found, change.set, change.before or "")
        elif record.target == space.target:
            if record.kind == "rollback" and change.before is not None:
                _take(found, change.set, change.before)
            made = known.get(change.after or "")
            if made is not None and made.kind == "run":
                _add(found, change.set, made)
