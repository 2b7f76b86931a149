"""Rows that a run published, read again: those that are current, or of an earlier run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from featdsl.diagnostics import catalog
from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.suggest import did_you_mean
from featdsl.engines.duckdb import Session
from featdsl.engines.profile import Profile
from featdsl.files.digest import sha256
from featdsl.files.errors import FileError, explained
from featdsl.project.as_of import show_instant
from featdsl.project.load import Project
from featdsl.runs.columns import Columns, fetch
from featdsl.runs.failures import told
from featdsl.runs.named import run_named
from featdsl.sql import build, statements
from featdsl.store.current import Current, Space, current_sets, data_path
from featdsl.store.dated import dated
from featdsl.store.history import published, space_of
from featdsl.store.record import RunRecord
from featdsl.text.names import short_name
from featdsl.types.dtype import (
    BOOL,
    DATE,
    DURATION,
    FLOAT,
    INT,
    TEXT,
    TIMESTAMP,
    DType,
    decimal,
    list_of,
    map_of,
)


@dataclass(frozen=True, slots=True)
class Rows:
    """A set as a run published it; ``as_of`` is None where each row has its own."""

    set: str
    run: str
    as_of: datetime | None
    keys: tuple[str, ...]
    columns: Columns


def read_published(
    project: Project, name: str, run: str | None = None, as_of: datetime | None = None
) -> Rows:
    """Rows of a set, after a look at their hash.

    Args:
        project: Whose target.
        name: A group or a data set, by its full name or the end of it.
        run: A run as people name it; None for what is current in the target.
        as_of: Naive UTC time: the rows that count for it; not beside a run.

    Raises:
        Failure: no such set was published, it is no Parquet, or not as it was written.
    """
    target, space = project.target_dir, Space(target=project.target_name)
    if as_of is not None:
        record, full = _dated(target, space, name, as_of)
        found = dict(published(record))
    elif run is None:
        with told():
            found = current_sets(target, space)
        full = _named(found, name, f"in the target `{space.target}`")
        record = run_named(target, found[full].run)
    else:
        record = run_named(target, run)
        space, found = space_of(record), dict(published(record))
        full = _named(found, name, f"by the run {record.run}")
    columns = _read(target, space, full, found[full])
    training = record.training is not None
    return Rows(
        set=full,
        run=record.run,
        as_of=None if training else record.as_of,
        keys=() if training else tuple(_keys(record, full, found[full])),
        columns=columns,
    )


def _dated(target: Path, space: Space, name: str, as_of: datetime) -> tuple[RunRecord, str]:
    """The run whose rows of a set count for an as-of time."""
    with told():
        known = dated(target, space)
    there = {n: v[-1] for (n, at), v in known.versions.items() if at == as_of and v}
    full = _named(there, name, f"as of {show_instant(as_of)} in the target `{space.target}`")
    return there[full], full


def _named(found: Mapping[str, object], name: str, where: str) -> str:
    fitting = [n for n in found if name in (n, short_name(n))]
    if len(fitting) == 1:
        return fitting[0]
    what = "several sets are called" if fitting else "no set is called"
    message = f"{what} `{name}` of those that were published {where}"
    remedy = did_you_mean(name, [*found], what="sets")
    raise Failure(catalog.NOT_PUBLISHED.general(message).help(remedy))


def _keys(record: RunRecord, group: str, current: Current) -> Iterator[str]:
    computed = frozenset(record.selection)
    return (c.name for c in current.columns if f"{group}.{c.name}" not in computed)


def checked_file(target: Path, space: Space, name: str, current: Current) -> Path:
    """The Parquet file of a set, after a look at its hash.

    Raises:
        Failure: it is no Parquet, cannot be read, or is not as it was written.
    """
    if current.format != "parquet":
        message = f"`{name}` was published as {current.format}, which keeps no types"
        remedy = "publish as Parquet: `featc run --format parquet`"
        raise Failure(catalog.NOT_PUBLISHED.general(message).help(remedy))
    (file,) = current.files
    path = data_path(target, space, current, file)
    try:
        with explained(path, doing="read"):
            same = sha256(path) == file.sha256
    except FileError as error:
        message = f"what the run {current.run} published of `{name}` cannot be read"
        gone = catalog.NOT_PUBLISHED.general(message).note(str(error))
        raise Failure(gone.help("`featc gc` removes old versions: choose a newer run")) from error
    if not same:
        message = f"`{path.name}` of `{name}` is not as the run {current.run} wrote it"
        changed = catalog.CHANGED_FILE.general(message)
        raise Failure(changed.note("its SHA-256 is another than in the catalog"))
    return path


def _read(target: Path, space: Space, name: str, current: Current) -> Columns:
    path = checked_file(target, space, name, current)
    named = {c.name: type_of(c.dtype) for c in current.columns}
    types = {name: dtype for name, dtype in named.items() if dtype is not None}
    plain = {"hive_partitioning": build.boolean(False)}
    with Session(Profile(files=(path,))) as session:
        rows = statements.table_function("read_parquet", build.text(str(path.resolve())), plain)
        return fetch(session, statements.star_from(rows), types)


_PLAIN = {str(t): t for t in (BOOL, INT, FLOAT, TEXT, DATE, TIMESTAMP, DURATION)}
_NESTED = re.compile(r"(list|map)\((.*)\)")
_DECIMAL = re.compile(r"decimal\((\d+), ?(\d+)\)")


def type_of(text: str) -> DType | None:
    """The type that a record names; None where a spine's column has one of the engine's own."""
    if text in _PLAIN:
        return _PLAIN[text]
    if match := _DECIMAL.fullmatch(text):
        return decimal(int(match[1]), int(match[2]))
    match = _NESTED.fullmatch(text)
    if match is None:
        return None
    inner = match[2]
    if match[1] == "list":
        item = type_of(inner)
        return None if item is None else list_of(item)
    end = inner.find("), ") + 1 if inner.startswith("decimal") else inner.find(", ")
    key, value = type_of(inner[:end]), type_of(inner[end + 2 :])
    return None if key is None or value is None else map_of(key, value)
