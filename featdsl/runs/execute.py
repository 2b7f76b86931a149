"""A run: its stages in order, its record whatever comes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from featdsl.compiler.compilation import Compilation
from featdsl.diagnostics import catalog
from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.model import Diagnostic
from featdsl.engines.duckdb import Session
from featdsl.engines.profile import Profile, memory_bytes
from featdsl.files.atomic import make_folder
from featdsl.files.errors import FileError, explained
from featdsl.files.staging import staging
from featdsl.ir.program import Program
from featdsl.project.as_of import AsOf
from featdsl.project.load import Project
from featdsl.runs.describe import record_of
from featdsl.runs.failures import file_diagnostic
from featdsl.runs.outputs import Format, wanted_groups
from featdsl.runs.parts import with_parts
from featdsl.runs.places import Places
from featdsl.runs.secrets import hidden_diagnostic, hidden_values, secrets_of
from featdsl.runs.state import Run, Settings
from featdsl.runs.steps import STAGES, Stage
from featdsl.store.current import Current, write_pointers
from featdsl.store.failing import FailingFile, write_failing
from featdsl.store.leases import Running
from featdsl.store.ledger import new_run_id
from featdsl.store.manifests import keep_manifest
from featdsl.store.publish import begin, finish, publish
from featdsl.store.record import RunRecord, StageUse, Status
from featdsl.text.amounts import count

SPILL = "spill"


@dataclass(frozen=True, slots=True)
class Progress:
    """Something that happened: a stage started, moved on to ``detail``, or ended."""

    stage: Stage
    state: str
    seconds: float = 0.0
    detail: str = ""


Observe = Callable[[Progress], None]


def nobody(progress: Progress) -> None:
    """The observer of a run that nobody watches."""


def utc_now() -> datetime:
    """The clock: UTC without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A run's record, and what is to be told: errors where it failed, else warnings."""

    record: RunRecord
    diagnostics: tuple[Diagnostic, ...]

    @property
    def ok(self) -> bool:
        return self.record.status is Status.SUCCEEDED


def places_of(project: Project, program: Program, out: Path | None = None) -> Places:
    """The folders of a project's run."""
    return Places(
        root=project.root,
        data=project.data_dir,
        roots=(project.data_dir, *project.more_data),
        target=project.target_dir,
        out=project.target_dir if out is None else out.absolute(),
        secrets=secrets_of(program),
        database=project.target.database,
        environment=project.options.surroundings.environment,
    )


def profile_of(project: Project, places: Places, spill: Path | None) -> Profile:
    """What a project's sessions may use and reach."""
    limit = project.target.memory_limit
    return Profile(
        readable=(*places.roots, places.target),
        writable=places.out,
        spill=spill,
        memory_bytes=None if limit is None else memory_bytes(limit),
        threads=project.target.threads,
    )


def run_project(
    project: Project,
    compilation: Compilation,
    *,
    as_of: AsOf,
    selection: Sequence[str] = (),
    out: Path | None = None,
    format: Format = "parquet",
    guard_formulas: bool = True,
    sample: float | None = None,
    publish: bool = True,
    observe: Observe = nobody,
    now: Callable[[], datetime] = utc_now,
) -> Outcome:
    """Compute features and publish them, or tell why not.

    Everything is checked before anything is computed, and again before anything is published:
    after a failure readers find what they found before.

    Args:
        project: Where it is.
        compilation: What it means; without errors.
        as_of: The as-of time.
        selection: Full names of features; none for all but private ones.
        out: Where to publish in place of the project's target.
        format: Of the published files.
        guard_formulas: Whether text in CSV that a spreadsheet would run gets an apostrophe.
        sample: The share of keys of a trial; None for all.
        publish: Whether to publish, and to keep a record; a trial does neither.
        observe: Is told of the progress.
        now: The clock, UTC without a zone.

    Returns:
        The record; it says ``failed`` where the run did not succeed.

    Raises:
        KeyboardInterrupt: after everything that was staged is gone.
    """
    assert compilation.ok, "a project with errors is not run"
    wanted = wanted_groups(compilation.program, selection)
    if publish and not selection:
        wanted = with_parts(compilation.program, wanted)
    run = Run(
        settings=Settings(
            project=project,
            places=places_of(project, compilation.program, out),
            as_of=as_of,
            format=format,
            guard_formulas=guard_formulas,
            sample=sample,
            publish=publish,
        ),
        compilation=compilation,
        wanted=wanted,
        id=new_run_id(now()),
        started=now(),
        written={w.group.name: w.group.meta.version or 1 for w in wanted},
    )
    with telling(run, now):
        if not run.wanted:
            message = "the project has no features that could be computed"
            remedy = "declare some, or select private ones by their names"
            raise Failure(catalog.NOTHING_TO_RUN.general(message).help(remedy))
        _run(run, observe, now)
    if run.record is None:
        failed = run.problems.has_errors
        run.record = record_of(run, now(), Status.FAILED if failed else Status.SUCCEEDED)
        run.record = keep_record(run, run.record)
    secrets = run.settings.places.secrets
    return Outcome(run.record, tuple(hidden_diagnostic(d, secrets) for d in run.problems.sorted()))


def _run(run: Run, observe: Observe, now: Callable[[], datetime]) -> None:
    places = run.settings.places
    make_folders(places)
    with ExitStack() as stack:
        run.staging = stack.enter_context(staging(places.out, run.id))
        if run.settings.publish:
            take_over(run)
        profile = profile_of(run.settings.project, places, run.staging / SPILL)
        stack.callback(keep_failing, run)
        run.session = stack.enter_context(Session(profile))
        for stage in STAGES:
            perform(run, stage, observe)
            if run.problems.has_errors:
                return
        if run.settings.publish:
            perform(run, _publish_stage(now), observe)


def make_folders(places: Places) -> None:
    """Create the folders that are written to.

    Raises:
        FileError: one of them cannot be created.
    """
    for folder in (places.target, places.out):
        with explained(folder):
            make_folder(folder)


def take_over(run: Run) -> None:
    """Say that this run writes its sets; what dead runs left is removed."""
    target = run.settings.places.target
    run.listed = Running(
        id=run.id,
        space=run.settings.space,
        owner={"run": run.id, "since": f"{run.started:%Y-%m-%d %H:%M:%S} UTC"},
        sets=run.written,
        record=record_of(run, None, Status.RUNNING),
    )
    begin(target, run.listed)
    run.owns = True


def _publish_stage(now: Callable[[], datetime]) -> Stage:
    """The last stage: the record that it writes is about the others."""

    def perform(run: Run) -> str:
        places = run.settings.places
        record = with_manifest(run, record_of(run, now(), Status.SUCCEEDED))
        sets = {o.group: Current.of(o, run.id) for o in run.outputs}
        run.record = publish(places.target, run.staging, run.listed, record, sets)
        show_pointers(run)
        return count(len(sets), "set")

    return Stage("publish", "Publish", perform)


def with_manifest(run: Run, record: RunRecord) -> RunRecord:
    """A record that says what was declared; that is written first.

    Raises:
        FileError: it cannot be written.
    """
    digest = keep_manifest(run.settings.places.target, run.compilation.manifest())
    return record.model_copy(update={"manifest": digest})


def show_pointers(run: Run) -> None:
    """Tell readers that know no SQLite what is current; where that fails, it is told."""
    places = run.settings.places
    try:
        write_pointers(places.target, places.out, run.settings.space)
    except FileError as error:
        told = catalog.OLD_POINTERS.general(f"everything is published, but {error}")
        run.problems.report(told.help(error.remedy).help("then run again: it writes the file anew"))


def perform(run: Run, stage: Stage, observe: Observe) -> None:
    started = perf_counter()
    observe(Progress(stage, "started"))
    run.step = lambda detail: observe(Progress(stage, "step", perf_counter() - started, detail))
    state, detail = "failed", ""
    try:
        detail = stage.perform(run)
        state = "failed" if run.problems.has_errors else "finished"
    finally:
        seconds = perf_counter() - started
        run.stages.append(StageUse(name=stage.name, seconds=round(seconds, 6), detail=detail))
        observe(Progress(stage, state, seconds, detail))


@contextmanager
def telling(run: Run, now: Callable[[], datetime]) -> Iterator[None]:
    """Report what stops a run; leave a record of one that is interrupted."""
    try:
        yield
    except Failure as failure:
        run.problems.extend(failure.diagnostics)
    except FileError as error:
        run.problems.report(file_diagnostic(error))
    except BaseException as error:
        stopped = isinstance(error, KeyboardInterrupt)
        keep_record(run, record_of(run, now(), Status.INTERRUPTED if stopped else Status.FAILED))
        raise


def keep_failing(run: Run) -> None:
    """Write the rows that failed expectations; that they cannot be written stops nothing."""
    if run.owns and run.failing:
        places = run.settings.places
        found = FailingFile(run=run.id, checks=tuple(run.failing))
        hidden = hidden_values(found.model_dump(mode="json"), places.secrets)
        with suppress(FileError):
            write_failing(places.target, FailingFile.model_validate(hidden))


def keep_record(run: Run, record: RunRecord) -> RunRecord:
    """Write the record of a run that did not succeed; that it cannot be written adds nothing."""
    if run.owns:
        with suppress(FileError):
            return finish(run.settings.places.target, record)
    return record
