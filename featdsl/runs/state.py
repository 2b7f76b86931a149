"""What a run knows, filled in stage by stage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from featdsl.compiler.compilation import Compilation
from featdsl.compiler.fingerprint import Prints, fingerprint_features
from featdsl.diagnostics.model import Problems
from featdsl.engines.duckdb import Session
from featdsl.ir.program import Program
from featdsl.project.as_of import AsOf
from featdsl.project.load import Project
from featdsl.runs.contract import CheckedSource
from featdsl.runs.given import Given
from featdsl.runs.hashes import Hashes
from featdsl.runs.outputs import Computed, Format, Wanted
from featdsl.runs.places import Places
from featdsl.runs.progress import Part, State
from featdsl.runs.stage import Staged
from featdsl.runs.stored import Opened
from featdsl.store.current import Space
from featdsl.store.failing import FailingRows, failing_path
from featdsl.store.leases import Running
from featdsl.store.record import CheckUse, OutputUse, RejectUse, RunRecord, StageUse, TrainingUse
from featdsl.store.restated import RestateUse
from featdsl.store.trends import TrendUse


def utc_now() -> datetime:
    """The clock: UTC without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What was asked for. Sources in ``given`` have its rows in place of files."""

    project: Project
    places: Places
    as_of: AsOf
    format: Format = "parquet"
    guard_formulas: bool = True
    sample: float | None = None
    publish: bool = True
    timeout: timedelta | None = None
    resume: bool = False
    given: Mapping[str, Given] = field(default_factory=dict)

    @property
    def space(self) -> Space:
        """Which sets this run may replace."""
        places = self.places
        apart = "" if places.out == places.target else str(places.out)
        return Space(target=self.project.target_name, location=apart)


@dataclass(slots=True, kw_only=True)
class Run:
    """A run under way. ``session`` and ``staging`` are there while its stages are performed.

    ``owns`` is true from when it is ``listed`` as under way; ``tell`` tells what is being done,
    which ``doing`` keeps; ``lift`` takes its limit of time away.
    ``more_sources`` are read besides those of the groups; ``more_groups`` are those whose features
    the rows of a spine look up. ``many_times``: it makes a training
    set, whose rows have times of their own; ``training`` is what came of it.
    """

    id: str
    started: datetime
    settings: Settings
    compilation: Compilation
    wanted: list[Wanted]
    now: Callable[[], datetime] = utc_now
    session: Session = field(init=False)
    staging: Path = field(init=False)
    owns: bool = False
    listed: Running = field(init=False)
    tell: Callable[[State, str, Part | None], None] = lambda state, detail, part: None
    doing: str = ""
    lift: Callable[[], None] = lambda: None
    problems: Problems = field(default_factory=Problems)
    hashes: Hashes = field(init=False)
    opened: dict[str, Opened] = field(default_factory=dict)
    staged: Staged = field(default_factory=Staged)
    checked: dict[str, CheckedSource] = field(default_factory=dict)
    computed: list[Computed] = field(default_factory=list)
    checks: list[CheckUse] = field(default_factory=list)
    outputs: list[OutputUse] = field(default_factory=list)
    rejected: list[RejectUse] = field(default_factory=list)
    trends: list[TrendUse] = field(default_factory=list)
    stages: list[StageUse] = field(default_factory=list)
    more_sources: frozenset[str] = frozenset()
    more_groups: tuple[str, ...] = ()
    many_times: bool = False
    written: Mapping[str, int] = field(default_factory=dict)
    """Versions of the sets that it writes, by name."""
    because: str | None = None
    """Why it repairs what was published; None where it does not."""
    repairs: Mapping[str, RunRecord] = field(default_factory=dict)
    """Of each set the run that published it before."""
    restates: RestateUse | None = None
    stopped: bool = False
    """Whether Ctrl-C came when it had published already."""
    shares: bool = False
    """Whether its sources are those of a run before, read and staged already."""
    beside: frozenset[str] = frozenset()
    """Sets of which what is current is of a later as-of time, and stays."""
    resumed: list[str] = field(default_factory=list)
    """Groups whose values were kept from a run before."""
    training: TrainingUse | None = None
    record: RunRecord | None = None
    known_prints: Mapping[str, Prints] | None = None
    failing: list[FailingRows] = field(default_factory=list)

    def step(self, detail: str, number: int | None = None, of: int = 0) -> None:
        """Say what is being done now: one of several things, or something that is alone."""
        part = None if number is None else Part(detail, number, of)
        self.tell("step", detail, part)

    def done(self, name: str, number: int, of: int, rows: int) -> None:
        """Say that one of several things is done."""
        self.tell("done", name, Part(name, number, of, rows))

    @property
    def kept_in(self) -> str | None:
        """Where rows that fail are kept, from the project's folder on; None where they are not."""
        settings = self.settings
        if not settings.publish:
            return None
        path = failing_path(settings.places.target, self.id)
        root = settings.places.root
        return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)

    @property
    def prints(self) -> Mapping[str, Prints]:
        """The fingerprints of every feature and label, made once."""
        if self.known_prints is None:
            self.known_prints = fingerprint_features(self.program)
        return self.known_prints

    @property
    def program(self) -> Program:
        return self.compilation.program

    @property
    def groups(self) -> list[str]:
        """Full names of the groups that are computed, and of those that a spine looks up."""
        return [*dict.fromkeys((*(w.group.name for w in self.wanted), *self.more_groups))]
