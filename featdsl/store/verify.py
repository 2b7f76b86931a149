"""Whether a target is as it was written: the chain of records, and the files that are current."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from featdsl.files.digest import sha256
from featdsl.files.errors import explained
from featdsl.store.catalog import EMPTY, RECORDS, reading, writing
from featdsl.store.current import Current, Space, data_path
from featdsl.store.ledger import Entry, Unreadable, entries, read_record, record_path
from featdsl.store.manifests import LostManifest, read_manifest
from featdsl.store.record import ChangeRecord, RunRecord


@dataclass(frozen=True, slots=True)
class Verified:
    """What was looked at, and each thing that is not as it was written."""

    records: int
    files: int
    head: str
    """The hash of the newest record: kept elsewhere, it also proves that nothing was left out."""
    wrong: tuple[str, ...]


def verify(target: Path, observe: Callable[[str], None] = lambda said: None) -> Verified:
    """Read all records and all files that are current, and compare them with their hashes.

    Raises:
        FileError: the catalog cannot be read, or is damaged itself.
    """
    known = entries(target)
    wrong = [*_records(target, observe)]
    wrong += [
        f"`{RECORDS}/{path.name}` is in no line of the ledger" for path in uncounted(target, known)
    ]
    files = 0
    for name, space, current in _current(target):
        parts = current.parts
        for file in (*current.files, *(() if parts is None else (parts.file,))):
            files += 1
            observe(f"{name} {file.path}")
            path = data_path(target, space, current, file)
            try:
                same = sha256(path) == file.sha256
            except OSError as error:
                wrong.append(f"`{current.folder}/{file.path}`: {(error.strerror or '').lower()}")
                continue
            if not same:
                wrong.append(f"`{current.folder}/{file.path}` is not as the run wrote it")
    return Verified(len(known), files, known[0].hash if known else EMPTY, tuple(wrong))


def uncounted(target: Path, known: Sequence[Entry]) -> list[Path]:
    """Records that are in no line of the ledger: somebody put them there, or died at it."""
    listed = {record_path(target, e.id).name for e in known}
    return [p for p in sorted((target / RECORDS).glob("*.json")) if p.name not in listed]


def remove_uncounted(target: Path) -> list[str]:
    """Remove records that are in no line of the ledger; their names.

    Raises:
        FileError: the catalog cannot be written, or one cannot be removed.
    """
    # Whoever writes a record holds the catalog until it counts.
    with writing(target):
        found = uncounted(target, entries(target))
        for path in found:
            with explained(path, doing="remove"):
                path.unlink()
    return [path.name for path in found]


def _records(target: Path, observe: Callable[[str], None]) -> Iterator[str]:
    """Records that are gone or changed, and where the chain is broken."""
    before = EMPTY
    for entry in reversed(entries(target)):
        observe(entry.id)
        try:
            record = read_record(target, entry)
        except Unreadable as error:
            yield f"{error}"
        else:
            if record.ledger is None or (record.ledger.entry, record.ledger.before) != (
                entry.entry,
                before,
            ):
                yield f"the record `{entry.id}.json` does not follow the one before it"
            yield from _manifest(target, record)
        before = entry.hash


def _manifest(target: Path, record: RunRecord | ChangeRecord) -> Iterator[str]:
    if isinstance(record, RunRecord) and record.manifest is not None:
        try:
            read_manifest(target, record.manifest)
        except LostManifest as error:
            yield f"{error}"


def _current(target: Path) -> list[tuple[str, Space, Current]]:
    with reading(target) as connection:
        if connection is None:
            return []
        rows = connection.execute("SELECT name, target, location, pointer FROM current").fetchall()
    return [
        (name, Space(target=t, location=location), Current.model_validate_json(pointer))
        for name, t, location, pointer in rows
    ]
