"""A run's record, from what the run knows."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping
from datetime import datetime
from importlib.metadata import version

from featdsl import __version__
from featdsl.compiler.fingerprint import fingerprint_features
from featdsl.compiler.fingerprint_datasets import fingerprint_datasets
from featdsl.diagnostics.model import Diagnostic
from featdsl.engines.duckdb import NAME as ENGINE
from featdsl.engines.duckdb import version as engine_version
from featdsl.ir.program import Dataset, Declared, Parameter, Program
from featdsl.ir.text import value_text
from featdsl.runs.caller import caller
from featdsl.runs.code import code_of
from featdsl.runs.outputs import Wanted
from featdsl.runs.secrets import hidden_diagnostic, hidden_values
from featdsl.runs.state import Run
from featdsl.store.record import (
    NoteUse,
    ParameterUse,
    PlaceEntry,
    ProblemEntry,
    RunRecord,
    Status,
    Versions,
)
from featdsl.text.sources import SourceSet


def record_of(run: Run, finished: datetime | None, status: Status) -> RunRecord:
    """The record of a run as it stands; without an end where it is still running."""
    settings, secrets = run.settings, run.settings.places.secrets
    record = RunRecord(
        run=run.id,
        kind="training" if run.many_times else "run",
        sets=tuple(run.written),
        project=run.program.project,
        target=settings.space.target,
        location=settings.space.location or None,
        caller=caller(run.program),
        status=status,
        started=run.started,
        finished=finished,
        seconds=None if finished is None else (finished - run.started).total_seconds(),
        as_of=settings.as_of.instant,
        as_of_origin=settings.as_of.origin,
        trial=not settings.publish,
        sample=settings.sample,
        restates=run.restates,
        resumed=tuple(run.resumed),
        selection=tuple(f.name for w in run.wanted for f in w.features),
        parameters=tuple(parameter_use(p) for p in run.program.params.values()),
        inputs=tuple(c.use for c in run.checked.values()),
        rejected=tuple(run.rejected),
        checks=tuple(run.checks),
        trends=tuple(run.trends),
        stages=tuple(run.stages),
        outputs=tuple(run.outputs),
        training=run.training,
        versions=versions(),
        code=code_of(settings.project.root) if finished is not None else None,
        notes=tuple(_notes(run.program)),
        problems=tuple(problem_entry(run, d) for d in run.problems.sorted()),
    )
    if not secrets:
        return record
    return RunRecord.model_validate(hidden_values(record.model_dump(), secrets))


def versions() -> Versions:
    """What a value may depend on besides its definition and the data."""
    return Versions(
        featc=__version__,
        engine=ENGINE,
        engine_version=engine_version(),
        sqlglot=version("sqlglot"),
        python=platform.python_version(),
    )


def group_fingerprints(program: Program, wanted: Iterable[Wanted]) -> Mapping[str, str]:
    """SHA-256 over the meanings of the features of each output, by group."""
    prints = fingerprint_features(program)
    found = {}
    for w in wanted:
        meanings = {f.name: prints[f.name].data for f in w.features}
        text = json.dumps(meanings, sort_keys=True)
        found[w.group.name] = hashlib.sha256(text.encode("utf-8")).hexdigest()
    return found


def dataset_fingerprint(program: Program, dataset: Dataset) -> str:
    """SHA-256 of what a data set means: that of the manifest."""
    prints = fingerprint_datasets(program, fingerprint_features(program))
    return prints[dataset.name].data


def parameter_use(parameter: Parameter) -> ParameterUse:
    """A parameter as it is recorded."""
    unsaid = parameter.secret or parameter.value is None
    return ParameterUse(
        name=parameter.name,
        dtype=str(parameter.dtype),
        value=None if unsaid else value_text(parameter.value),
        origin=parameter.origin.value,
        secret=parameter.secret,
    )


def _notes(program: Program) -> Iterable[NoteUse]:
    groups = (*program.groups.values(), *program.labels.values())
    declared: tuple[Declared, ...] = (
        *program.entities.values(),
        *program.sources.values(),
        *program.views.values(),
        *groups,
        *program.datasets.values(),
        *program.consumers.values(),
        *(f for g in groups for f in g.members.values()),
    )
    for d in declared:
        yield from (NoteUse(name=d.name, text=text) for text in d.meta.notes)


def problem_entry(run: Run, diagnostic: Diagnostic) -> ProblemEntry:
    """Something that is told, as it is recorded; without secrets."""
    hidden = hidden_diagnostic(diagnostic, run.settings.places.secrets)
    return entry_of(hidden, run.settings.project.readable)


def entry_of(told: Diagnostic, texts: SourceSet) -> ProblemEntry:
    """A diagnostic as it is recorded."""
    return ProblemEntry(
        code=told.code.id,
        slug=told.code.slug,
        severity=told.severity.value,
        message=told.message,
        place=_place(told, texts),
    )


def _place(diagnostic: Diagnostic, texts: SourceSet) -> PlaceEntry | None:
    if diagnostic.primary is None:
        return None
    span = diagnostic.primary.span
    file = texts.files.get(span.source)
    return None if file is None else PlaceEntry(file=file.name, line=file.position(span.start)[0])
