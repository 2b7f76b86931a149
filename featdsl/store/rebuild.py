"""A catalog made anew from the records beside it.

The records say all that the catalog does: what was published, where it went back, in which order. A
record that is gone has its place and its hash in the one after it; its line is kept, without it.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from featdsl.files.errors import explained
from featdsl.store.catalog import EMPTY, RECORDS, made_anew
from featdsl.store.current import Current, Space, data_folder, point
from featdsl.store.history import beside, published, space_of
from featdsl.store.ledger import Entry, insert, line_of
from featdsl.store.record import ChangeRecord, RunRecord, Status

LOST = "lost"
"""What a line of the ledger is whose record is gone."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What the new catalog has; ``left_out`` are records that it does not count, and why."""

    records: int
    sets: int
    lost: int
    left_out: tuple[str, ...]
    old: Path | None
    """Where the catalog lies that was there before."""


@dataclass(frozen=True, slots=True)
class _Found:
    record: RunRecord | ChangeRecord
    hash: str


def rebuild(target: Path) -> Rebuilt:
    """Make the catalog of a target anew; nobody else uses the target meanwhile.

    Raises:
        FileError: the records cannot be read, or the catalog cannot be written.
    """
    left_out: list[str] = []
    chain = _chain([*_read(target, left_out)], left_out)
    sets: dict[tuple[Space, str], tuple[int, Current]] = {}
    known = {f.record.run: f.record for _, f in chain if isinstance(f, _Found)}
    for entry, found in chain:
        if isinstance(found, _Found):
            _apply(sets, entry, found.record, known)
    for space, name in [*sets]:
        folder = data_folder(target, space, sets[space, name][1])
        if not folder.is_dir():
            left_out.append(f"what `{name}` was last is not there: `{folder}`")
            del sets[space, name]

    def fill(connection: sqlite3.Connection) -> None:
        for _, found in chain:
            insert(
                connection,
                line_of(found.record, found.hash) if isinstance(found, _Found) else found,
            )
        for (space, name), (entry, pointer) in sets.items():
            point(connection, space, name, entry, pointer)

    old = made_anew(target, fill)
    lost = sum(isinstance(f, Entry) for _, f in chain)
    return Rebuilt(len(chain) - lost, len(sets), lost, tuple(left_out), old)


def _read(target: Path, left_out: list[str]) -> Iterator[_Found]:
    either: TypeAdapter[RunRecord | ChangeRecord] = TypeAdapter(RunRecord | ChangeRecord)
    with explained(target / RECORDS, doing="read"):
        for path in sorted((target / RECORDS).glob("*.json")):
            content = path.read_bytes()
            try:
                record = either.validate_json(content)
            except (ValidationError, RecursionError):
                left_out.append(f"`{path.name}` is no record of this version")
                continue
            if record.ledger is None or record.run != path.stem:
                left_out.append(f"`{path.name}` has no place in a ledger")
                continue
            yield _Found(record, hashlib.sha256(content).hexdigest())


def _chain(found: list[_Found], left_out: list[str]) -> list[tuple[int, _Found | Entry]]:
    """Records in their order, from the newest back: each must be the one that the next names."""
    by_place: dict[int, list[_Found]] = {}
    for f in found:
        by_place.setdefault(_place(f), []).append(f)
    chain: list[tuple[int, _Found | Entry]] = []
    wanted: str | None = None
    for place in range(max(by_place, default=0), 0, -1):
        here = by_place.get(place, [])
        right = [f for f in here if wanted in (None, f.hash)]
        # The newest has none after it: of two, one was never counted; the older wins.
        right.sort(key=lambda f: f.record.started)
        left_out += [
            f"`{f.record.run}.json` is not the one that the next record names"
            for f in here
            if f not in right[:1]
        ]
        if right:
            chain.append((place, right[0]))
            wanted = right[0].record.ledger.before if right[0].record.ledger else EMPTY
        else:
            assert wanted is not None, "the newest place is one of a record"
            started = chain[-1][1]
            chain.append((place, _lost(place, wanted, started)))
            wanted = None
    return chain[::-1]


def _place(found: _Found) -> int:
    assert found.record.ledger is not None
    return found.record.ledger.entry


def _lost(place: int, digest: str, later: _Found | Entry) -> Entry:
    record = later.record if isinstance(later, _Found) else later
    return Entry(
        entry=place,
        id=f"{LOST}-{place}",
        kind=LOST,
        target=record.target,
        status=Status.ABORTED,
        started=record.started,
        as_of=None,
        hash=digest,
    )


def _apply(
    sets: dict[tuple[Space, str], tuple[int, Current]],
    entry: int,
    record: RunRecord | ChangeRecord,
    known: Mapping[str, RunRecord | ChangeRecord],
) -> None:
    """Let sets be what a record made them."""
    if isinstance(record, RunRecord):
        for name, pointer in published(record):
            if name in beside(record):
                continue
            sets[space_of(record), name] = entry, pointer
        return
    if record.kind == "pin":
        return
    for change in record.changes:
        run = known.get(change.after or "")
        made = dict(published(run)) if isinstance(run, RunRecord) else {}
        if change.set in made:
            sets[Space(target=record.target), change.set] = entry, made[change.set]
