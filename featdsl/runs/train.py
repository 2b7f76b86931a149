"""A training set: each row of a spine with what was known at its time; counted, published."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlglot import exp

from featdsl.compiler.compilation import Compilation
from featdsl.diagnostics.model import Diagnostic
from featdsl.engines.duckdb import Session
from featdsl.files.staging import staging
from featdsl.ir.program import Dataset, Program, Source, SpineRows
from featdsl.ir.refs import groups_of_spine
from featdsl.project.as_of import AsOf
from featdsl.project.load import Project
from featdsl.runs.describe import record_of
from featdsl.runs.execute import SPILL, make_folders, places_of, profile_of
from featdsl.runs.given import Given
from featdsl.runs.needed import behind
from featdsl.runs.notified import notify
from featdsl.runs.outputs import Wanted
from featdsl.runs.progress import Observe, nobody
from featdsl.runs.publishing import keep_failing, keep_record, take_over, telling
from featdsl.runs.secrets import hidden_diagnostic
from featdsl.runs.spine import SpineInput
from featdsl.runs.stages import Stage, perform_all
from featdsl.runs.state import Run, Settings, utc_now
from featdsl.runs.train_files import Files
from featdsl.runs.train_results import Results
from featdsl.runs.train_state import Asked, Training
from featdsl.runs.train_steps import Steps
from featdsl.store.ledger import new_run_id
from featdsl.store.record import RunRecord, Status, TrainingUse


@dataclass(frozen=True, slots=True)
class TrainOutcome:
    """The record of a training set, and what is to be told: errors where it failed, else warnings.

    ``training`` says what was counted; None where it did not come so far.
    """

    record: RunRecord
    diagnostics: tuple[Diagnostic, ...]

    @property
    def ok(self) -> bool:
        return self.record.status is Status.SUCCEEDED

    @property
    def training(self) -> TrainingUse | None:
        return self.record.training


def train(
    project: Project,
    compilation: Compilation,
    dataset: str,
    *,
    spine: SpineInput | None = None,
    labels_until: datetime | None = None,
    mature: bool = False,
    out: Path | None = None,
    publish: bool = True,
    receive: Callable[[Session, exp.Select], None] | None = None,
    sources: Mapping[str, Given] | None = None,
    observe: Observe = nobody,
    now: Callable[[], datetime] = utc_now,
) -> TrainOutcome:
    """Make a data set's training set: as many rows as its spine, in the spine's order.

    Sources are checked before anything is computed, the data set's expectations before anything
    is written. Columns are the spine's, the features, labels that are no spine columns, and
    ``split`` where the data set has one.

    Args:
        project: Where it is.
        compilation: What it means; without errors.
        dataset: The data set's full name.
        spine: A Parquet or CSV file, or rows that are handed in, in place of the data set's own
            spine. Keys are named as in the data set's source or as the entity's, the time as
            the data set's ``at`` or ``as_of``.
        labels_until: Naive UTC time up to which all labels are known; None for the time at
            which the last row of each label's source can be seen.
        mature: Whether rows with a label that is not known yet are left out.
        out: A file to write, ``.csv`` or Parquet; None to publish below the project's target, as
            ``data/<namespace>.<dataset>/v<version>/<run>/training.parquet``.
        publish: Whether to write rows, and a record; else rows go to `receive` only.
        receive: Takes the session, still open, and a query of the rows in order. It is called
            once, after all checks, and not where one of them fails.
        sources: Rows in place of files, by the full names of sources.
        observe: Is told of the progress.
        now: The clock, UTC without a zone.

    Returns:
        The record; it says ``failed`` where the training set was not made.

    Raises:
        KeyError: no data set has that name.
        KeyboardInterrupt: after everything that was staged is gone.
    """
    assert compilation.ok, "a project with errors is not run"
    declared = compilation.program.datasets[dataset]
    started = now()
    run = Run(
        many_times=True,
        settings=Settings(
            project=project,
            places=places_of(project, compilation.program),
            as_of=AsOf(started, "the time of the run"),
            publish=publish,
            given=sources or {},
        ),
        compilation=compilation,
        wanted=_wanted(compilation.program, declared),
        id=new_run_id(started),
        started=started,
        now=now,
        more_sources=_more_sources(compilation.program, declared, own=spine is None),
        more_groups=() if spine is not None else groups_of_spine(compilation.program, declared),
        written={declared.name: declared.meta.version or 1} if out is None else {},
    )
    asked = Asked(spine=spine, labels_until=labels_until, mature=mature, out=out, receive=receive)
    with telling(run):
        _run(run, Training(run, declared, asked), observe)
    if run.record is None:
        failed = run.problems.has_errors
        run.record = record_of(run, now(), Status.FAILED if failed else Status.SUCCEEDED)
        run.record = keep_record(run, run.record)
    notify(run, run.record)
    secrets = run.settings.places.secrets
    told = tuple(hidden_diagnostic(d, secrets) for d in run.problems.sorted())
    return TrainOutcome(run.record, told)


def _wanted(program: Program, dataset: Dataset) -> list[Wanted]:
    """Groups of features, and of labels, with those of them that the data set has."""
    names = {c.feature for c in (*dataset.columns, *dataset.labels)}
    found = []
    for group in (*program.groups.values(), *program.labels.values()):
        ordered = sorted(group.members.values(), key=lambda f: f.index)
        features = tuple(f for f in ordered if f.name in names)
        if features:
            found.append(Wanted(group, features))
    return found


def _more_sources(program: Program, dataset: Dataset, *, own: bool) -> frozenset[str]:
    """Sources that no group reads: the data set's spine, and the population."""
    population = program.entities[dataset.entity].population
    relations = [] if population is None else [population]
    if own and isinstance(dataset.spine, SpineRows):
        relations.append(dataset.spine.source)
    found = (r for relation in relations for r in behind(program, relation))
    return frozenset(r.name for r in found if isinstance(r, Source))


def _run(run: Run, training: Training, observe: Observe) -> None:
    places = run.settings.places
    make_folders(places)
    with ExitStack() as stack:
        run.staging = stack.enter_context(staging(places.out, run.id))
        if run.settings.publish:
            take_over(run)
        profile = profile_of(run.settings.project, places, run.staging / SPILL)
        if isinstance(training.asked.spine, Path):
            profile = replace(profile, files=(training.asked.spine,))
        stack.callback(keep_failing, run)
        run.session = stack.enter_context(Session(profile))
        perform_all(run, _stages(training), observe)


def _stages(training: Training) -> tuple[Stage, ...]:
    steps, files = Steps(training), Files(training)
    return (
        Stage("find", "Find the sources", steps.find),
        Stage("stage", "Stage their rows", steps.stage),
        Stage("check data", "Check the data", steps.check),
        Stage("compute", "Compute features and labels", steps.compute),
        Stage("check results", "Check the results", Results.of(training).check),
        Stage("write", "Write the rows", files.write),
        Stage("publish", "Publish", files.publish, publishes=True),
    )
