"""What published runs of earlier times kept of a measure, for runs that compare with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from featdsl.checks.spec import Kept
from featdsl.store.ledger import Unreadable, latest_before, newest_first, record_of_run
from featdsl.store.record import KeptUse, RunRecord, Status


@dataclass(slots=True)
class History:
    """Records of a target: read only when something asks, and only as far back as it has to.

    Those as of times before ``before``, latest first; where it is None those of training sets,
    which have no as-of time of their own: newest first.
    """

    target: Path
    before: datetime | None
    baselines: Mapping[str, str] = field(default_factory=dict)
    """Runs that are pinned, by sets: for those of them that this run writes."""
    _read: list[RunRecord] = field(default_factory=list)
    _more: Iterator[RunRecord] | None = None
    _pinned: dict[str, RunRecord | None] = field(default_factory=dict)

    def kept(self, measure: str) -> Kept | None:
        """What the last of them that took a measure kept of it."""
        found = (kept_in(record, measure) for record in self._records())
        return next((kept for kept in found if kept is not None), None)

    def baseline(self, subject: str) -> str | None:
        """The run that the drift of a set is compared with, where one is pinned.

        What is no set itself (a source, a view) is compared with the newest that is pinned of any.
        """
        return self.baselines.get(subject) or max(self.baselines.values(), default=None)

    def pinned(self, run: str) -> RunRecord | None:
        """The record of a pinned run; None where it is lost."""
        if run not in self._pinned:
            try:
                self._pinned[run] = record_of_run(self.target, run)
            except Unreadable:
                self._pinned[run] = None
        return self._pinned[run]

    def _records(self) -> Iterator[RunRecord]:
        yield from self._read
        if self._more is None:
            asked = '"measure": "'
            self._more = (
                newest_first(self.target, holding=asked)
                if self.before is None
                else latest_before(self.target, self.before, holding=asked)
            )
        for record in self._more:
            alike = (record.training is not None) is (self.before is None)
            if alike and record.status is Status.SUCCEEDED and not record.trial:
                self._read.append(record)
                yield record


def kept_in(record: RunRecord, measure: str) -> Kept | None:
    """What a run kept of a measure."""
    for check in record.checks:
        if check.kept is not None and check.kept.measure == measure:
            use = check.kept
            return Kept(value=use.value, edges=use.edges, counts=use.counts)
    return None


def kept_use(measure: str, kept: Kept) -> KeptUse:
    """What a run keeps, as its record holds it."""
    return KeptUse(measure=measure, value=kept.value, edges=kept.edges, counts=kept.counts)
