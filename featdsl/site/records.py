"""What the records of runs say of each feature and each expectation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from featdsl.store.record import CheckUse, FeatureProfile, InputUse, OutputUse, RunRecord


@dataclass(frozen=True, slots=True)
class Checked:
    """The newest result of an expectation."""

    check: CheckUse
    run: RunRecord


@dataclass(frozen=True, slots=True)
class Profiled:
    """The newest profile of a feature."""

    profile: FeatureProfile
    output: OutputUse
    run: RunRecord


class Runs:
    """Records, newest first, and the newest fact about each name."""

    def __init__(self, records: Iterable[RunRecord]) -> None:
        self.records: Sequence[RunRecord] = sorted(
            records, key=lambda r: (r.started, r.run), reverse=True
        )
        self._checks: dict[tuple[str, str], Checked] = {}
        self._profiles: dict[str, Profiled] = {}
        self._inputs: dict[str, tuple[InputUse, RunRecord]] = {}
        self._computed: dict[str, RunRecord] = {}
        for record in self.records:
            self._take(record)

    @classmethod
    def of(cls, records: Iterable[RunRecord | Mapping[str, Any]]) -> Runs:
        """From records as they are kept.

        Raises:
            pydantic.ValidationError: one is not a run record of this version.
        """
        return cls(r if isinstance(r, RunRecord) else RunRecord.model_validate(r) for r in records)

    def _take(self, record: RunRecord) -> None:
        for check in record.checks:
            self._checks.setdefault((check.subject, check.text), Checked(check, record))
        for used in record.inputs:
            self._inputs.setdefault(used.source, (used, record))
        for feature in record.selection:
            self._computed.setdefault(feature, record)
        for output in record.outputs:
            for profile in output.profile:
                known = self._profiles.get(profile.feature)
                # A trial run sees a sample: it gives way to any whole run.
                if known is None or (known.run.trial and not record.trial):
                    self._profiles[profile.feature] = Profiled(profile, output, record)

    @property
    def last(self) -> RunRecord | None:
        return self.records[0] if self.records else None

    def check(self, subjects: Iterable[str], text: str) -> Checked | None:
        """The newest result of an expectation of any of the subjects."""
        return next((self._checks[s, text] for s in subjects if (s, text) in self._checks), None)

    def profile(self, feature: str) -> Profiled | None:
        return self._profiles.get(feature)

    def read(self, source: str) -> tuple[InputUse, RunRecord] | None:
        """What the newest run that read a source found."""
        return self._inputs.get(source)

    def computed(self, feature: str) -> RunRecord | None:
        """The newest run that was to compute a feature."""
        return self._computed.get(feature)
