"""Sources into a session: found, hashed, fitted, parsed where they must be, named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlglot import exp

from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Problems
from featdsl.engines.duckdb import Session
from featdsl.ir.program import Program, Source
from featdsl.runs.called import open_called
from featdsl.runs.given import Given, open_given
from featdsl.runs.hashes import Hashes
from featdsl.runs.places import Places
from featdsl.runs.queried import open_queried
from featdsl.runs.stored import Opened, StoredRows, open_source, stored_rows
from featdsl.sources.registry import sources


@dataclass(frozen=True, slots=True)
class Staged:
    """Sources by full name: their stored rows, and the session's tables of them."""

    rows: Mapping[str, StoredRows] = field(default_factory=dict)
    scans: Mapping[str, exp.Table] = field(default_factory=dict)


def open_sources(
    session: Session,
    program: Program,
    names: Iterable[str],
    *,
    places: Places,
    hashes: Hashes,
    problems: Problems,
    hash_all: bool = True,
    given: Mapping[str, Given] | None = None,
) -> dict[str, Opened]:
    """Find, hash and look into the files of sources; every mistake of all of them is reported.

    Without `hash_all` only files that are parsed are hashed: what a look at values needs.
    Sources in `given` have its rows in place of files.
    """
    given = given or {}
    listed = list(names)
    below = [name for name in listed if name not in given and _has_path(program.sources[name])]
    if below and not places.data.is_dir():
        within = places.data.is_relative_to(places.root)
        folder = places.data.relative_to(places.root) if within else places.data
        message = f"the data folder `{folder.as_posix()}` does not exist"
        remedy = "create it and put the data there, or set `data_dir` in featc.toml"
        problems.report(catalog.NO_DATA_FILES.general(message).help(remedy))
        return {}
    found = {
        name: open_given(session, program.sources[name], given[name], problems)
        if name in given
        else open_called(session, program.sources[name], places, problems)
        if _is_called(program.sources[name])
        else open_queried(session, program.sources[name], places, hashes, problems)
        if sources()[program.sources[name].location.kind].query
        else open_source(
            session, program.sources[name], places, hashes, problems, hash_all=hash_all
        )
        for name in listed
    }
    return {name: opened for name, opened in found.items() if opened is not None}


def _is_called(source: Source) -> bool:
    return sources()[source.location.kind].called


def _has_path(source: Source) -> bool:
    """Whether its files are found from the data folder on."""
    return not _is_called(source) and not Path(source.location.argument).is_absolute()


def stage_sources(
    session: Session,
    opened: Mapping[str, Opened],
    *,
    run: str,
    staging: Path,
    places: Places,
    problems: Problems,
) -> Staged:
    """Make a table of each source's rows: the declared columns in the declared types.

    Parquet is read in place; CSV is parsed once into the target's cache. Values that do not fit
    are null here: `featdsl.runs.contract` is where they stop a run.

    Raises:
        Failure: the engine cannot read a file.
        FileError: a typed copy cannot be written.
    """
    rows: dict[str, StoredRows] = {}
    scans: dict[str, exp.Table] = {}
    for name, source in opened.items():
        found = stored_rows(
            session, source, run=run, staging=staging, places=places, problems=problems
        )
        if found is not None:
            rows[name] = found
            scans[name] = session.create_view(name, found.plain.copy())
    return Staged(rows, scans)


def report_changes(
    staged: Iterable[Opened], hashes: Hashes, places: Places, problems: Problems
) -> None:
    """Report files that changed since they were hashed: what was computed mixes two states."""
    changed = set(hashes.changed())
    for opened in staged:
        for file in changed.intersection(opened.files):
            message = f"`{places.shown(file)}` changed while it was read"
            problems.report(
                catalog.SOURCE_CHANGED.at(opened.source.location.span, message).help(
                    "run again when nothing writes to it; "
                    "a writer that renames whole files into place does no harm"
                )
            )
