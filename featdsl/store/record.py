"""The record of a run: what was asked, what was read, what was checked, what came out.

JSON with a published schema. Times are UTC without a zone. It never holds the value of a secret
parameter, and of pii columns no values.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import Field

from featdsl.store.inputs import DropUse as DropUse
from featdsl.store.inputs import InputFile as InputFile
from featdsl.store.inputs import InputUse as InputUse
from featdsl.store.inputs import RejectUse as RejectUse
from featdsl.store.model import ColumnUse as ColumnUse
from featdsl.store.model import FileUse as FileUse
from featdsl.store.model import Model as Model
from featdsl.store.restated import RestateUse
from featdsl.store.trends import TrendUse


class Status(StrEnum):
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    ABORTED = "aborted"  # its process died; the next run found out


class PlaceEntry(Model):
    file: str
    line: int


class ParameterUse(Model):
    """A parameter's value in this run; of a secret one, null."""

    name: str
    dtype: str
    value: str | None
    origin: str
    secret: bool = False


class CheckStatus(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    WARNED = "warned"
    SKIPPED = "skipped"


class KeptUse(Model):
    """What the next run compares with: of a ``measure`` its ``value``, or a distribution.

    ``edges`` are the upper ends of bins of numbers, or values that have a bin of their own;
    ``counts`` the rows of each, of those above or other, and of those without a value.
    """

    measure: str
    value: str | None = None
    edges: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()


class CheckUse(Model):
    """An expectation and what was found.

    ``subject`` is a source, view, group, feature, label or data set.
    """

    subject: str
    kind: str
    text: str
    status: CheckStatus
    measured: str
    failing: int | None = None
    place: PlaceEntry | None = None
    kept: KeptUse | None = None


class StageUse(Model):
    name: str
    seconds: float
    detail: str = ""


class Bin(Model):
    """Rows with ``low <= x < high``; the last bin takes ``high`` in."""

    low: float
    high: float
    rows: int


class TopValue(Model):
    value: str
    rows: int


class FeatureProfile(Model):
    """A feature's values in one output.

    ``distinct`` is approximate. ``sampled`` tells over how many rows quantiles, histogram and
    top values were taken, where not over all. Of pii features there are counts only.
    """

    feature: str
    dtype: str
    rows: int
    nulls: int
    distinct: int
    minimum: float | str | None = None
    maximum: float | str | None = None
    mean: float | None = None
    quantiles: dict[str, float] = Field(default_factory=dict)
    histogram: tuple[Bin, ...] = ()
    top: tuple[TopValue, ...] = ()
    sampled: int | None = None


class PartsUse(Model):
    """What features that rest on inputs read of a key, in a file beside the published one.

    ``columns`` are those of its columns that are no keys; names mean nothing, fingerprints do.
    """

    columns: tuple[ColumnUse, ...]
    file: FileUse


class OutputUse(Model):
    """A published (or, in a trial run, a computed) set."""

    group: str
    entity: str
    version: int
    format: str
    rows: int
    columns: tuple[ColumnUse, ...]
    fingerprint: str
    folder: str | None = None
    """Relative to the target's ``data`` folder."""
    files: tuple[FileUse, ...] = ()
    parts: PartsUse | None = None
    beside: bool = False
    """Published for those who ask for its as-of time: what is current is of a later one."""
    profile: tuple[FeatureProfile, ...] = ()


class ValueCount(Model):
    """Rows that have one value of a label or split; None for those without one."""

    value: str | None
    rows: int


class LabelUse(Model):
    """A label of a training set.

    ``immature`` counts rows of the spine whose window was not over at ``until`` yet; of a label
    that is a column of the spine there is neither. ``classes`` are the values of a label that
    has few, over the rows that were written, most frequent first.
    """

    name: str
    feature: str | None = None
    until: datetime | None = None
    immature: int | None = None
    classes: tuple[ValueCount, ...] = ()


class UntilUse(Model):
    """Up to when labels of a source's rows are known; ``given`` with ``--labels-until``."""

    source: str
    until: datetime | None
    given: bool = False


class ColumnNulls(Model):
    column: str
    nulls: int


class SpineUse(Model):
    """What rows a training set has: those of a source, a grid, a file or a frame.

    ``points`` are different pairs of key and time among rows that have both. Rows count for the
    first that holds of: without a key, without a time, of a key that is not in the population.
    """

    kind: Literal["source", "grid", "file", "frame"]
    name: str
    rows: int
    points: int
    without_key: int
    without_time: int
    unknown: int
    first: datetime | None = None
    last: datetime | None = None
    """Earliest and latest as-of time."""
    file: FileUse | None = None


class TrainingUse(Model):
    """A training set: what its rows are, what was counted, where it was written.

    ``rows`` were written: those of the spine less ``dropped``, whose labels are not known yet.
    ``folder`` is relative to the target's ``data`` folder; None where it was written elsewhere.
    """

    dataset: str
    entity: str
    version: int
    format: str
    fingerprint: str
    spine: SpineUse
    rows: int
    dropped: int
    untils: tuple[UntilUse, ...] = ()
    labels: tuple[LabelUse, ...] = ()
    split: tuple[ValueCount, ...] = ()
    columns: tuple[ColumnUse, ...] = ()
    nulls: tuple[ColumnNulls, ...] = ()
    folder: str | None = None
    files: tuple[FileUse, ...] = ()


class Versions(Model):
    featc: str
    engine: str
    engine_version: str
    sqlglot: str
    python: str


class Code(Model):
    """The commit that the project's files belong to; ``dirty`` where they differ from it."""

    commit: str
    dirty: bool


class ProblemEntry(Model):
    code: str
    slug: str
    severity: str
    message: str
    place: PlaceEntry | None = None


class NoteUse(Model):
    """A decision that was in force: the ``note`` of a declaration."""

    name: str
    text: str


class LedgerUse(Model):
    """Where a record stands in the ledger of its target.

    ``before`` is the SHA-256 of the record before it, empty for the first.
    """

    entry: int
    before: str


class Caller(Model):
    """Who asked for a run, on which machine, with which command."""

    user: str
    host: str
    process: int
    command: tuple[str, ...]


class SetChange(Model):
    """What is current of a set: the run that published it, before and after."""

    set: str
    before: str | None
    after: str | None


class ChangeRecord(Model):
    """A change of what is current that computes nothing."""

    schema_version: Literal[1] = 1
    run: str
    """Its name in the ledger, as runs have one."""
    kind: Literal["rollback", "promote", "gc", "pin"]
    """Back to an earlier run, on to another target, or old versions removed (``after`` is null).

    Of ``pin`` what changes is not what is current, but the run that drift is compared with.
    """
    project: str
    target: str
    source: str | None = None
    """The target that sets were promoted from."""
    ledger: LedgerUse | None = None
    caller: Caller | None = None
    status: Status = Status.SUCCEEDED
    started: datetime
    because: str | None = None
    changes: tuple[SetChange, ...]

    def to_json(self) -> str:
        """The record's file content."""
        return self.model_dump_json(indent=2) + "\n"


class RunRecord(Model):
    schema_version: Literal[1] = 1
    run: str
    kind: Literal["run", "training"] = "run"
    """Values at one time, or a training set."""
    project: str
    target: str = "dev"
    """The target's name in ``featc.toml``."""
    location: str | None = None
    """Where it published, where that is not below the target's folder."""
    ledger: LedgerUse | None = None
    caller: Caller | None = None
    status: Status
    started: datetime
    finished: datetime | None = None
    seconds: float | None = None
    as_of: datetime
    as_of_origin: str
    trial: bool = False
    """Computed on a sample, with nothing published."""
    sample: float | None = None
    sets: tuple[str, ...] = ()
    """Groups, or the data set, that it publishes if it succeeds."""
    selection: tuple[str, ...] = ()
    """Full names of the features that were computed."""
    restates: RestateUse | None = None
    """Of a run that repaired what was published for its as-of time."""
    resumed: tuple[str, ...] = ()
    """Groups whose values an earlier run had computed, which did not come to publish them."""
    parameters: tuple[ParameterUse, ...] = ()
    inputs: tuple[InputUse, ...] = ()
    rejected: tuple[RejectUse, ...] = ()
    """Files that stopped the run, since rows of them cannot be read."""
    checks: tuple[CheckUse, ...] = ()
    trends: tuple[TrendUse, ...] = ()
    """How its outputs stand beside those of the runs before."""
    stages: tuple[StageUse, ...] = ()
    outputs: tuple[OutputUse, ...] = ()
    training: TrainingUse | None = None
    """Of a run that made a training set; it has no outputs."""
    versions: Versions
    manifest: str | None = None
    """SHA-256 of what was declared, in ``manifests/``; of runs that published."""
    code: Code | None = None
    notes: tuple[NoteUse, ...] = ()
    problems: tuple[ProblemEntry, ...] = ()

    def to_json(self) -> str:
        """The record's file content."""
        return self.model_dump_json(indent=2) + "\n"
