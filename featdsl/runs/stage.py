"""Sources into a session: found, hashed, fitted, parsed where they must be, named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
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
from featdsl.runs.pulled import open_pulled
from featdsl.runs.queried import open_queried
from featdsl.runs.stored import Opened, StoredRows, open_source, stored_rows
from featdsl.sources import duckdb
from featdsl.sources.registry import sources
from featdsl.sources.table import table_of
from featdsl.store.record import RejectUse


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
    found: dict[str, Opened] = {}
    for name in listed:
        source = program.sources[name]
        kind = sources()[source.location.kind]
        if name in given:
            opened = open_given(session, source, given[name], problems)
        elif kind.called:
            opened = open_called(session, source, places, problems)
        elif kind.connected:
            opened = open_pulled(session, source, places, problems)
        elif kind.query:
            opened = open_queried(session, source, places, hashes, problems)
        else:
            stored = in_database(source, places, problems) if kind.named else source
            if stored is None:
                continue
            opened = open_source(session, stored, places, hashes, problems, hash_all=hash_all)
        if opened is not None:
            found[name] = opened
    return found


def in_database(source: Source, places: Places, problems: Problems) -> Source | None:
    """A source from a table as one of the target's database; without one that is reported."""
    location = source.location
    if places.database is None:
        message = f"`{source.short}` is a table of the engine that SQL runs in: this run has none"
        found = catalog.NO_DATABASE.at(location.span, message)
        remedy = 'name a DuckDB file in featc.toml, under the target: `database = "shop.duckdb"`'
        problems.report(found.help(remedy))
        return None
    schema, table = table_of(location)
    options = {"table": table, **({} if schema is None else {"schema": schema})}
    stored = replace(location, kind=duckdb.SOURCE.name, argument=places.database, options=options)
    return replace(source, location=stored)


def _has_path(source: Source) -> bool:
    """Whether its files are found from the data folder on."""
    kind = sources()[source.location.kind]
    return not (kind.called or kind.connected or Path(source.location.argument).is_absolute())


def stage_sources(
    session: Session,
    opened: Mapping[str, Opened],
    *,
    run: str,
    staging: Path,
    places: Places,
    problems: Problems,
    rejected: list[RejectUse] | None = None,
) -> Staged:
    """Make a table of each source's rows: the declared columns in the declared types.

    Parquet is read in place; CSV is parsed once into the target's cache. Values that do not fit
    are null here: `featdsl.runs.contract` is where they stop a run. `rejected` takes files that
    have rows which cannot be read.

    Raises:
        Failure: the engine cannot read a file.
        FileError: a typed copy cannot be written.
    """
    rows: dict[str, StoredRows] = {}
    scans: dict[str, exp.Table] = {}
    for name, source in opened.items():
        found = stored_rows(
            session,
            source,
            run=run,
            staging=staging,
            places=places,
            problems=problems,
            rejected=rejected,
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
