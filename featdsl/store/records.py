"""Where records lie, and reading them."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Problems
from featdsl.files.atomic import write_text_atomic
from featdsl.files.paths import safe_name
from featdsl.store.record import RunRecord, Status

FOLDER = "runs"
_AS_OF = re.compile(rb'^  "as_of": "([^"]+)"', re.MULTILINE)


def new_run_id(now: datetime) -> str:
    """A run's name: it sorts by time, and two of one time differ."""
    return f"{now:%Y%m%dT%H%M%S%f}-{secrets.token_hex(3)}"


def records_folder(target: Path) -> Path:
    """Where the records of a target lie."""
    return target / FOLDER


def write_record(target: Path, record: RunRecord) -> Path:
    """Write a record, or replace the one of the same run.

    Raises:
        FileError: it cannot be written.
    """
    path = records_folder(target) / f"{safe_name(record.run)}.json"
    write_text_atomic(path, record.to_json(), within=target)
    return path


def newest_first(target: Path, *, holding: str) -> Iterator[RunRecord]:
    """Records of a target that hold a text, read one by one; broken ones are left out.

    There may be thousands: only those that hold it are taken apart.
    """
    for path in sorted(_paths(target), reverse=True):
        with suppress(OSError):
            if holding.encode("utf-8") not in path.read_bytes():
                continue
        record = _read(path, Problems())
        if record is not None:
            yield record


def latest_before(target: Path, before: datetime, *, holding: str) -> Iterator[RunRecord]:
    """The same of records as of earlier times: the latest first, of one time the newest."""
    dated = []
    for path in _paths(target):
        with suppress(OSError, ValueError):
            text = path.read_bytes()
            as_of = _AS_OF.search(text) if holding.encode("utf-8") in text else None
            if as_of is not None and datetime.fromisoformat(as_of[1].decode("utf-8")) < before:
                dated.append((datetime.fromisoformat(as_of[1].decode("utf-8")), path.name, path))
    for _, _, path in sorted(dated, reverse=True):
        record = _read(path, Problems())
        if record is not None:
            yield record


def load_records(
    target: Path, problems: Problems | None = None, *, limit: int | None = None
) -> list[RunRecord]:
    """Records of a target, newest first; those that cannot be read are reported.

    Args:
        target: Where they lie.
        problems: Takes a warning for each file that cannot be read.
        limit: The most records to return; None for all.
    """
    reported = Problems() if problems is None else problems
    found: list[RunRecord] = []
    for path in sorted(_paths(target), reverse=True):
        if limit is not None and len(found) >= limit:
            break
        record = _read(path, reported)
        if record is not None:
            found.append(record)
    return found


def _paths(target: Path) -> list[Path]:
    folder = records_folder(target)
    return list(folder.glob("*.json")) if folder.is_dir() else []


def _read(path: Path, problems: Problems) -> RunRecord | None:
    try:
        return RunRecord.model_validate_json(path.read_bytes())
    except (OSError, ValidationError, RecursionError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not a record of this version"
        message = f"the record `{path.name}` cannot be read: {why}"
        remedy = "remove the file, or read it with the version of featc that wrote it"
        problems.report(catalog.BROKEN_RECORD.general(message).help(remedy))
        return None


def abort_dead(target: Path, *, alive: str) -> list[str]:
    """Mark runs that still say `running` as aborted; the caller holds the target's lock.

    Args:
        target: Where records lie.
        alive: The caller's own run.

    Returns:
        The runs that were marked.

    Raises:
        FileError: a record cannot be replaced.
    """
    marked = []
    for path in _paths(target):
        record = _read(path, Problems()) if path.stem != alive and _says_running(path) else None
        if record is not None and record.status is Status.RUNNING:
            write_record(target, record.model_copy(update={"status": Status.ABORTED}))
            marked.append(record.run)
    return sorted(marked)


def _says_running(path: Path) -> bool:
    """Whether the start of a record's file says that it runs: a look is cheaper than parsing."""
    try:
        with path.open("rb") as file:
            return b'"running"' in file.read(500)
    except OSError:
        return False
