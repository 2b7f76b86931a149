"""The sources of some groups in a session of their own, where nothing is published or recorded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlglot import exp

from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.model import Problems
from featdsl.engines.duckdb import Session
from featdsl.files.staging import staging
from featdsl.ir.program import Program
from featdsl.project.load import Project
from featdsl.runs.contract import check_fit
from featdsl.runs.execute import SPILL, make_folders, places_of, profile_of
from featdsl.runs.failures import told
from featdsl.runs.given import Given
from featdsl.runs.hashes import Hashes
from featdsl.runs.needed import needed_sources
from featdsl.runs.outputs import Wanted
from featdsl.runs.places import Places
from featdsl.runs.secrets import failing_without
from featdsl.runs.stage import open_sources, stage_sources
from featdsl.runs.state import utc_now
from featdsl.store.ledger import new_run_id

Scans = Mapping[str, exp.Table]


@contextmanager
def opened(
    project: Project,
    program: Program,
    wanted: Sequence[Wanted],
    *,
    given: Mapping[str, Given] | None = None,
) -> Iterator[tuple[Session, Scans]]:
    """A session, and the tables of the sources that some groups need: all their values fit.

    Args:
        project: Where it is.
        program: What it means.
        wanted: The groups.
        given: Rows in place of files, by the full names of sources.

    Raises:
        Failure: a source does not fit, or the engine cannot compute what is asked of it.
    """
    places, run = places_of(project, program), new_run_id(utc_now())
    names = [s.name for s in needed_sources(program, [w.group.name for w in wanted])]
    with failing_without(places.secrets), told():
        make_folders(places)
        with (
            staging(places.target, run) as folder,
            Session(profile_of(project, places, folder / SPILL)) as session,
        ):
            yield session, _fitting_scans(session, program, names, places, run, folder, given)


def _fitting_scans(
    session: Session,
    program: Program,
    names: Sequence[str],
    places: Places,
    run: str,
    folder: Path,
    given: Mapping[str, Given] | None,
) -> Scans:
    """Tables of sources whose values all fit their declared types."""
    problems, hashes = Problems(), Hashes.load(places.cache)
    opened = open_sources(
        session,
        program,
        names,
        places=places,
        hashes=hashes,
        problems=problems,
        hash_all=False,
        given=given,
    )
    staged = stage_sources(
        session, opened, run=run, staging=folder, places=places, problems=problems
    )
    for rows in staged.rows.values():
        check_fit(session, rows, problems)
    if problems.has_errors:
        raise Failure(*problems.sorted())
    hashes.save()
    return staged.scans
