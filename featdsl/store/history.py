"""What was current of sets, by the records of a target."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from featdsl.store.current import Current, Space
from featdsl.store.ledger import oldest_first
from featdsl.store.record import ChangeRecord, RunRecord, Status


@dataclass(slots=True)
class Past:
    """Of one set in a space.

    ``line`` are the runs that lead to what is current, oldest first: one that was gone back over is
    not among them. ``ever`` are all that were current once.
    """

    line: list[str] = field(default_factory=list)
    ever: set[str] = field(default_factory=set)

    def publish(self, run: str) -> None:
        """Something new became current."""
        self.ever.add(run)
        if self.line[-1:] != [run]:
            self.line.append(run)

    def go_back(self, run: str) -> None:
        """An earlier run became current again."""
        if run in self.line:
            del self.line[self.line.index(run) + 1 :]
        else:
            self.publish(run)


@dataclass(slots=True)
class Pasts:
    """``made`` is what each run published, by run and set."""

    sets: dict[str, Past] = field(default_factory=dict)
    made: dict[tuple[str, str], Current] = field(default_factory=dict)


def pasts(target: Path, space: Space) -> Pasts:
    """The past of each set of a space.

    Raises:
        FileError: the catalog cannot be read.
    """
    found = Pasts()
    for record in oldest_first(target):
        if isinstance(record, RunRecord):
            for name, pointer in published(record):
                found.made[record.run, name] = pointer
                if space_of(record) == space and name not in beside(record):
                    found.sets.setdefault(name, Past()).publish(record.run)
        elif record.target == space.target and not space.location:
            _change(found, record)
    return found


def _change(found: Pasts, record: ChangeRecord) -> None:
    for change in record.changes:
        if change.after is None:  # a version was removed, which was not current
            found.made.pop((change.before or "", change.set), None)
            continue
        past = found.sets.setdefault(change.set, Past())
        if record.kind == "rollback":
            past.go_back(change.after)
        else:
            past.publish(change.after)


def space_of(record: RunRecord) -> Space:
    """Where a run published."""
    return Space(target=record.target, location=record.location or "")


def beside(record: RunRecord) -> frozenset[str]:
    """Sets of a run that were never current, since what was is of a later as-of time."""
    return frozenset(o.group for o in record.outputs if o.beside)


def published(record: RunRecord) -> Iterator[tuple[str, Current]]:
    """What readers found of each set that a run published."""
    if record.status is not Status.SUCCEEDED or record.trial:
        return
    for output in record.outputs:
        if output.folder is not None:
            yield output.group, Current.of(output, record.run)
    training = record.training
    if training is not None and training.folder is not None:
        yield training.dataset, Current.of(training, record.run)
