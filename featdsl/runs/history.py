"""What published runs of earlier times kept of a measure, for runs that compare with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from featdsl.checks.spec import Kept
from featdsl.store.ledger import latest_before, newest_first
from featdsl.store.record import KeptUse, RunRecord, Status


@dataclass(slots=True)
class History:
    """Records of a target: read only when something asks, and only as far back as it has to.

    Those as of times before ``before``, latest first; where it is None those of training sets,
    which have no as-of time of their own: newest first.
    """

    target: Path
    before: datetime | None
    _read: list[RunRecord] = field(default_factory=list)
    _more: Iterator[RunRecord] | None = None

    def kept(self, measure: str) -> Kept | None:
        """What the last of them that took a measure kept of it."""
        for record in self._records():
            for check in record.checks:
                if check.kept is not None and check.kept.measure == measure:
                    use = check.kept
                    return Kept(value=use.value, edges=use.edges, counts=use.counts)
        return None

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


def kept_use(measure: str, kept: Kept) -> KeptUse:
    """What a run keeps, as its record holds it."""
    return KeptUse(measure=measure, value=kept.value, edges=kept.edges, counts=kept.counts)
