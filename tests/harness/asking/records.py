"""What a record says of expectations, against the oracle: verdicts, counts, failing rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from featdsl.ir.program import CheckKind, Expectation
from featdsl.reference.expectations import Judged
from featdsl.reference.expected_sets import Member
from featdsl.store.failing import FailingRows, load_failing
from featdsl.store.record import CheckStatus, CheckUse, RunRecord
from tests.harness import oracle
from tests.harness.asking.placed import declared
from tests.harness.asking.sets import Sets, named
from tests.harness.folder import Folder
from tests.harness.tally import Tally


@dataclass
class Compared:
    """A record of a run, or of a training set, and the sets of the one before it."""

    sets: Sets
    before: Sets | None
    record: RunRecord
    place: Folder
    tally: Tally

    def __post_init__(self) -> None:
        self.expected = declared(self.sets.program)
        found = load_failing(self.place.project.target_dir, self.record.run)
        self.kept: dict[tuple[str, str], list[FailingRows]] = {}
        for rows in () if found is None else found.checks:
            subject = rows.subject.partition(" in ")[0]
            self.kept.setdefault((subject, rows.text), []).append(rows)
        self.fails: dict[str, bool] = {}

    def differences(self) -> Iterator[str]:
        for subject, uses in groupby(self.record.checks, key=lambda use: use.subject):
            yield from self._of(subject, list(uses))
        yield from self._verdict()

    def _of(self, subject: str, uses: list[CheckUse]) -> Iterator[str]:
        asked = self.sets.asked(subject, self.expected[subject])
        self.fails[subject] = False
        if [use.text for use in uses] != [e.text for e in asked]:
            yield f"{subject}: asked are {[use.text for use in uses]}, and not {asked}"
            return
        for e, use in zip(asked, uses, strict=True):
            try:
                found = self._judged(subject, e)
            except oracle.STOPS:
                self.tally.stopped["oracle"] += 1
                self.fails[subject] |= use.status is CheckStatus.FAILED
                continue
            yield from (
                f"{subject}: `{e.text}`: {d}" for d in self._judgement(subject, e, use, found)
            )

    def _judged(self, subject: str, e: Expectation) -> Judged | None:
        """What the oracle says; None of what is not asked."""
        if self.sets.is_skipped(subject, e):
            return None
        return self.sets.judge(subject, e, self.before)

    def _judgement(
        self, subject: str, e: Expectation, use: CheckUse, found: Judged | None
    ) -> Iterator[str]:
        wants = _status(e, found)
        self.fails[subject] |= wants is CheckStatus.FAILED
        failing = None if found is None or found.failing is None else len(found.failing)
        if (use.status, use.failing) != (wants, failing):
            yield (
                f"expected {wants.value} with {failing} failing, is {use.status.value} with "
                f"{use.failing}: {use.measured}"
            )
            return
        self.tally.agreed += 1
        self.tally.cells += 1
        if found is None or found.holds:
            return
        self.tally.filled += 1
        if found.failing:
            kept = self.kept.get((self.sets.set_of(subject), e.text), [])
            yield from _rows(self.sets.of(subject), e, found, kept.pop(0) if kept else None)

    def _verdict(self) -> Iterator[str]:
        """What is not asked that must be, and whether the run is stopped."""
        read = {use.source for use in self.record.inputs}
        program = self.sets.program
        stages = (program.sources, program.views, {})
        for names, stage in zip(self.sets.reached(self.expected, read), stages, strict=True):
            missing = [n for n in names if n not in self.fails]
            if missing:
                yield f"nothing is asked of {missing}"
            if any(fails for n, fails in self.fails.items() if n in stage):
                break
        failed = any(self.fails.values())
        if (self.record.status.value == "failed") != failed:
            said = "some expectation fails" if failed else "none fails"
            yield f"the run is {self.record.status.value}, and {said}"


def _status(e: Expectation, found: Judged | None) -> CheckStatus:
    if found is None:
        return CheckStatus.SKIPPED
    if found.holds:
        return CheckStatus.PASSED
    return CheckStatus.WARNED if e.warn else CheckStatus.FAILED


def _rows(
    members: list[Member], e: Expectation, found: Judged, kept: FailingRows | None
) -> Iterator[str]:
    """What differs in the rows that are kept of those that fail."""
    assert found.failing is not None
    if kept is None:
        if named(e):  # without columns, on rows without keys, there is nothing to show
            yield "no failing row is kept"
        return
    failing = [members[i] for i in found.failing]
    if e.kind is CheckKind.UNIQUE:
        alike = Counter(tuple(_text(m.value(n)) for n in e.columns) for m in failing)
        wanted = Counter((*key, str(n)) for key, n in alike.items())
    else:
        wanted = Counter(tuple(_text(m.value(n)) for n in kept.columns) for m in failing)
    rows = Counter(tuple("0.0" if v == "-0.0" else v for v in row) for row in kept.rows)
    if rows != wanted:
        yield f"rows {[*(wanted - rows)]} are not kept, and {[*(rows - wanted)]} are"


def _text(value: Any) -> str | None:
    """A value as it is kept."""
    if value is None:
        return None
    value = list(value) if isinstance(value, tuple) else value
    value = 0.0 if isinstance(value, float) and value == 0 else value  # of two zeros one is shown
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= 60 else f"{text[:60]} …"
