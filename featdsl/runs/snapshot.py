"""A group's features of all keys, into memory: checked as a run is, not published or recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime

from featdsl.compiler.compilation import Compilation
from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.model import Diagnostic
from featdsl.engines.duckdb import Session
from featdsl.files.staging import staging
from featdsl.project.as_of import AsOf
from featdsl.project.load import Project
from featdsl.runs import steps
from featdsl.runs.columns import Columns, fetch
from featdsl.runs.execute import SPILL, make_folders, places_of, profile_of
from featdsl.runs.failures import told
from featdsl.runs.given import Given
from featdsl.runs.outputs import wanted_groups
from featdsl.runs.secrets import failing_without, hidden_diagnostic
from featdsl.runs.state import Run, Settings, utc_now
from featdsl.sql import build, statements
from featdsl.store.ledger import new_run_id
from featdsl.store.record import CheckUse, InputUse

_STEPS: tuple[Callable[[Run], str], ...] = (
    steps.find_sources,
    steps.stage_data,
    steps.check_data,
    steps.compute_groups,
    steps.check_results,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Rows ordered by key: ``columns`` are the entity's keys and the features.

    ``warnings`` is what is to be told, ``checks`` and ``inputs`` what a record would say.
    """

    group: str
    keys: tuple[str, ...]
    columns: Columns
    warnings: tuple[Diagnostic, ...]
    checks: tuple[CheckUse, ...]
    inputs: tuple[InputUse, ...]


def snapshot_project(
    project: Project,
    compilation: Compilation,
    selection: Sequence[str],
    *,
    as_of: AsOf,
    given: Mapping[str, Given] | None = None,
    now: Callable[[], datetime] = utc_now,
) -> Snapshot:
    """Compute features of one group into memory.

    Sources, expectations and results are checked as `featdsl.runs.execute.run_project` does.

    Args:
        project: Where it is.
        compilation: What it means; without errors.
        selection: Full names of features of one group.
        as_of: The as-of time.
        given: Rows in place of files, by the full names of sources.
        now: The clock, UTC without a zone.

    Raises:
        Failure: the data are not as declared, or the engine cannot compute a feature.
    """
    places = places_of(project, compilation.program)
    run = Run(
        settings=Settings(
            project=project, places=places, as_of=as_of, publish=False, given=given or {}
        ),
        compilation=compilation,
        wanted=wanted_groups(compilation.program, selection),
        id=new_run_id(now()),
        started=now(),
    )
    assert len(run.wanted) == 1, "a snapshot is of one group"
    with failing_without(places.secrets), told():
        make_folders(places)
        with ExitStack() as stack:
            run.staging = stack.enter_context(staging(places.target, run.id))
            profile = profile_of(project, places, run.staging / SPILL)
            run.session = stack.enter_context(Session(profile))
            for step in _STEPS:
                step(run)
                if run.problems.has_errors:
                    raise Failure(*run.problems.sorted())
            return _taken(run, places.secrets)


def _taken(run: Run, secrets: tuple[str, ...]) -> Snapshot:
    (computed,) = run.computed
    query = statements.star_from(computed.relation.copy())
    if computed.keys:
        query = query.order_by(*[build.col(k) for k in computed.keys])
    return Snapshot(
        group=computed.wanted.group.name,
        keys=tuple(computed.keys),
        columns=fetch(run.session, query, computed.columns),
        warnings=tuple(hidden_diagnostic(d, secrets) for d in run.problems.sorted()),
        checks=tuple(run.checks),
        inputs=tuple(c.use for c in run.checked.values()),
    )
