"""The ledger of a target: a record for everything that happened, each with the hash of the last.

A record is a file, ``runs/<id>.json``, written before the transaction that counts it, and never
again. Its ``ledger`` says its place and the hash of the record before it.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import ValidationError

from featdsl.diagnostics import catalog as codes
from featdsl.diagnostics.model import Problems
from featdsl.files.atomic import write_bytes_atomic
from featdsl.files.errors import FileError, Reason
from featdsl.files.paths import safe_name
from featdsl.store.catalog import EMPTY, RECORDS, reading
from featdsl.store.record import ChangeRecord, LedgerUse, RunRecord, Status
from featdsl.store.schema import marked

_COLUMNS = "entry, id, kind, target, status, started, as_of, hash"


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the ledger: what of a record can be asked for without reading it."""

    entry: int
    id: str
    kind: str
    target: str
    status: Status
    started: datetime
    as_of: datetime | None
    hash: str

    @property
    def of_run(self) -> bool:
        """Whether something was computed."""
        return self.kind in ("run", "training")

    def row(self) -> tuple[object, ...]:
        """Its columns."""
        at = None if self.as_of is None else self.as_of.isoformat()
        begun, status = self.started.isoformat(), self.status.value
        return (self.entry, self.id, self.kind, self.target, status, begun, at, self.hash)

    @classmethod
    def of(cls, row: tuple[int, str, str, str, str, str, str | None, str]) -> Entry:
        """From its columns."""
        entry, id_, kind, target, status, started, as_of, digest = row
        at = None if as_of is None else datetime.fromisoformat(as_of)
        begun = datetime.fromisoformat(started)
        return cls(entry, id_, kind, target, Status(status), begun, at, digest)


Record = TypeVar("Record", RunRecord, ChangeRecord)


@dataclass(frozen=True, slots=True)
class Appended(Generic[Record]):
    """A record as it was written, with its place."""

    record: Record
    use: LedgerUse


def new_run_id(now: datetime) -> str:
    """A run's name: it sorts by time, and two of one time differ."""
    return f"{now:%Y%m%dT%H%M%S%f}-{secrets.token_hex(3)}"


def record_path(target: Path, id: str) -> Path:
    """Where the record of a run lies."""
    return target / RECORDS / f"{safe_name(id)}.json"


def append(connection: sqlite3.Connection, target: Path, record: Record) -> Appended[Record]:
    """Write a record, and its line: it counts once the transaction is kept.

    Raises:
        FileError: the record cannot be written, or counts already.
    """
    taken = connection.execute("SELECT 1 FROM ledger WHERE id = ?", (record.run,)).fetchone()
    if taken is not None:  # what was counted is never written again
        raise FileError(record_path(target, record.run), Reason.EXISTS)
    newest = "SELECT entry, hash FROM ledger ORDER BY entry DESC LIMIT 1"
    last, before = connection.execute(newest).fetchone() or (0, EMPTY)
    use = LedgerUse(entry=last + 1, before=before)
    placed = record.model_copy(update={"ledger": use})
    content = placed.to_json().encode("utf-8")
    write_bytes_atomic(record_path(target, record.run), content, within=target)
    insert(connection, line_of(placed, hashlib.sha256(content).hexdigest()))
    return Appended(placed, use)


def line_of(record: RunRecord | ChangeRecord, digest: str) -> Entry:
    """The line of a record that has its place, and whose file has a hash."""
    assert record.ledger is not None, "a record has its place before it is written"
    return Entry(
        entry=record.ledger.entry,
        id=record.run,
        kind=record.kind,
        target=record.target,
        status=record.status,
        started=record.started,
        as_of=record.as_of if isinstance(record, RunRecord) else None,
        hash=digest,
    )


def insert(connection: sqlite3.Connection, line: Entry) -> None:
    """Write a line."""
    connection.execute(
        f"INSERT INTO ledger ({_COLUMNS}, mark) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        marked(line.row()),
    )


def entries(target: Path) -> list[Entry]:
    """All lines of a target, newest first; none where nothing ever ran there.

    Raises:
        FileError: the catalog cannot be read.
    """
    with reading(target) as connection:
        if connection is None:
            return []
        rows = connection.execute(f"SELECT {_COLUMNS} FROM ledger ORDER BY entry DESC")
        return [Entry.of(row) for row in rows]


class Unreadable(Exception):
    """A record is not there, or not as it was written; the message says why."""


def read_record(target: Path, entry: Entry) -> RunRecord | ChangeRecord:
    """The record of a line.

    Raises:
        Unreadable: it is not there, or not as it was written.
    """
    content = _content(target, entry)
    return _run(content, entry) if entry.of_run else _parsed(ChangeRecord, content, entry)


def record_of_run(target: Path, id: str) -> RunRecord:
    """The record of a run by its name.

    Raises:
        Unreadable: there is none, or it is not as it was written.
        FileError: the catalog cannot be read.
    """
    for entry in entries(target):
        if entry.id == id and entry.of_run:
            return _run(_content(target, entry), entry)
    raise Unreadable(f"the ledger has no run `{id}`")


def _content(target: Path, entry: Entry) -> bytes:
    """A record's file, as it was written.

    Raises:
        Unreadable: it is not there, or not as it was written.
    """
    path = record_path(target, entry.id)
    try:
        content = path.read_bytes()
    except OSError as error:
        why = (error.strerror or "it cannot be read").lower()
        raise Unreadable(f"the record `{path.name}`: {why}") from error
    if hashlib.sha256(content).hexdigest() != entry.hash:
        raise Unreadable(f"the record `{path.name}` is not as it was written")
    return content


def _run(content: bytes, entry: Entry) -> RunRecord:
    return _parsed(RunRecord, content, entry)


def _parsed(model: type[Record], content: bytes, entry: Entry) -> Record:
    try:
        return model.model_validate_json(content)
    except (ValidationError, RecursionError) as error:
        raise Unreadable(f"the record `{entry.id}.json` is not one of this version") from error


def load_records(
    target: Path, problems: Problems | None = None, *, limit: int | None = None
) -> list[RunRecord]:
    """Records of a target, newest first.

    Args:
        target: Where they lie.
        problems: Takes a warning for each that cannot be read.
        limit: The most records to return; None for all.

    Raises:
        FileError: the catalog cannot be read.
    """
    return list(islice(_read(target, entries(target), "", problems), limit))


def newest_first(target: Path, *, holding: str) -> Iterator[RunRecord]:
    """Records of a target that hold a text, read one by one; broken ones are left out.

    There may be thousands: only those that hold it are taken apart.

    Raises:
        FileError: the catalog cannot be read.
    """
    return _read(target, entries(target), holding, None)


def oldest_first(target: Path) -> Iterator[RunRecord | ChangeRecord]:
    """All records that can be read, changes of what is current too, as they came; no pins.

    Raises:
        FileError: the catalog cannot be read.
    """
    for entry in reversed(entries(target)):
        if entry.kind == "pin":  # it changes nothing of what is current
            continue
        with suppress(Unreadable):
            yield read_record(target, entry)


def latest_before(target: Path, before: datetime, *, holding: str) -> Iterator[RunRecord]:
    """The same of records as of earlier times: the latest first, of one time the newest."""
    dated = [(e.as_of, e.entry, e) for e in entries(target) if e.as_of and e.as_of < before]
    return _read(target, [e for _, _, e in sorted(dated, reverse=True)], holding, None)


def contents_before(target: Path, before: datetime, *, of: str, most: int) -> Iterator[bytes]:
    """The same of runs of one target that succeeded, as their files hold them.

    Args:
        target: Where they lie.
        before: Their as-of times are earlier.
        of: The target's name.
        most: No more than so many are looked at.

    Raises:
        FileError: the catalog cannot be read.
    """
    dated = [
        (e.as_of, e.entry, e)
        for e in entries(target)
        if e.kind == "run" and e.target == of and e.status is Status.SUCCEEDED
        if e.as_of and e.as_of < before
    ]
    for _, _, entry in sorted(dated, reverse=True)[:most]:
        with suppress(Unreadable):
            yield _content(target, entry)


def _read(
    target: Path, found: Iterable[Entry], holding: str, problems: Problems | None
) -> Iterator[RunRecord]:
    wanted = holding.encode("utf-8")
    for entry in found:
        if not entry.of_run:
            continue
        try:
            content = _content(target, entry)
            if wanted in content:
                yield _run(content, entry)
        except Unreadable as error:
            if problems is not None:
                remedy = "put back a copy of the file: its run is left out until then"
                message = f"cannot be read: {error}"
                problems.report(codes.BROKEN_RECORD.general(message).help(remedy))
