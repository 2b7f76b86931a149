"""A run: its stages in order, its record whatever comes of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from featdsl.compiler.compilation import Compilation
from featdsl.diagnostics import catalog
from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.model import Diagnostic
from featdsl.engines.duckdb import Session
from featdsl.engines.profile import Profile, memory_bytes
from featdsl.files.atomic import make_folder
from featdsl.files.errors import explained
from featdsl.files.staging import staging
from featdsl.ir.program import Program
from featdsl.project.as_of import AsOf
from featdsl.project.load import Project
from featdsl.runs.describe import record_of
from featdsl.runs.limit import limited
from featdsl.runs.notified import notify
from featdsl.runs.outputs import Format, wanted_groups
from featdsl.runs.parts import with_parts
from featdsl.runs.places import Places
from featdsl.runs.progress import Observe, nobody
from featdsl.runs.publishing import keep_failing, keep_record, take_over, telling
from featdsl.runs.secrets import hidden_diagnostic, secrets_of
from featdsl.runs.stages import STAGES, perform_all
from featdsl.runs.state import Run, Settings, utc_now
from featdsl.store.ledger import new_run_id
from featdsl.store.record import RunRecord, Status

SPILL = "spill"


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
    target = project.target
    limit, disk = target.memory_limit, target.temp_limit
    return Profile(
        readable=(*places.roots, places.target),
        writable=places.out,
        spill=spill,
        memory_bytes=None if limit is None else memory_bytes(limit),
        threads=target.threads,
        one_order=project.config.project.reproducible,
        max_spill_bytes=None if disk is None else memory_bytes(disk),
        timeout_seconds=target.query_timeout,
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
    timeout: timedelta | None = None,
    resume: bool = False,
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
        timeout: How long it may take until it publishes; only in the main thread.
        resume: Whether groups that a run before computed, and that would have the same values, are
            taken as they are.
        observe: Is told of the progress.
        now: The clock, UTC without a zone.

    Returns:
        The record; it says ``failed`` where the run did not succeed.

    Raises:
        KeyboardInterrupt: after everything that was staged is gone.
    """
    run = new_run(
        project,
        compilation,
        as_of=as_of,
        selection=selection,
        out=out,
        format=format,
        guard_formulas=guard_formulas,
        sample=sample,
        publish=publish,
        timeout=timeout,
        resume=resume,
        now=now,
    )
    with telling(run):
        check_any(run)
        _run(run, observe)
    return ended(run)


def new_run(
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
    timeout: timedelta | None = None,
    resume: bool = False,
    now: Callable[[], datetime] = utc_now,
) -> Run:
    """A run that has not begun, as `run_project` explains; nothing is written."""
    assert compilation.ok, "a project with errors is not run"
    wanted = wanted_groups(compilation.program, selection)
    if publish and not selection:
        wanted = with_parts(compilation.program, wanted)
    return Run(
        settings=Settings(
            project=project,
            places=places_of(project, compilation.program, out),
            as_of=as_of,
            format=format,
            guard_formulas=guard_formulas,
            sample=sample,
            publish=publish,
            timeout=timeout,
            resume=resume,
        ),
        compilation=compilation,
        wanted=wanted,
        id=new_run_id(now()),
        started=now(),
        now=now,
        written={w.group.name: w.group.meta.version or 1 for w in wanted},
    )


def check_any(run: Run) -> None:
    """See whether there is something to compute.

    Raises:
        Failure: there is nothing.
    """
    if not run.wanted:
        message = "the project has no features that could be computed"
        remedy = "declare some, or select private ones by their names"
        raise Failure(catalog.NOTHING_TO_RUN.general(message).help(remedy))


def ended(run: Run) -> Outcome:
    """What came of a run that is over; its record is written, if that is not done yet."""
    if run.record is None:
        failed = run.problems.has_errors
        run.record = record_of(run, run.now(), Status.FAILED if failed else Status.SUCCEEDED)
        run.record = keep_record(run, run.record)
    notify(run, run.record)
    secrets = run.settings.places.secrets
    return Outcome(run.record, tuple(hidden_diagnostic(d, secrets) for d in run.problems.sorted()))


def _run(run: Run, observe: Observe) -> None:
    places = run.settings.places
    make_folders(places)
    with ExitStack() as stack:
        run.staging = stack.enter_context(staging(places.out, run.id))
        if run.settings.publish:
            take_over(run)
        profile = profile_of(run.settings.project, places, run.staging / SPILL)
        stack.callback(keep_failing, run)
        run.session = stack.enter_context(Session(profile))
        with limited(run.settings.timeout) as run.lift:
            perform_all(run, STAGES, observe)


def make_folders(places: Places) -> None:
    """Create the folders that are written to.

    Raises:
        FileError: one of them cannot be created.
    """
    for folder in (places.target, places.out):
        with explained(folder):
            make_folder(folder)
