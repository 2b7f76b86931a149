"""Runs under way, and the sets that each of them alone may write.

A run holds the lock of its staging folder from before it is listed here until it ends, however it
ends: a listed run whose lock is free is dead.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from featdsl.files.errors import FileError, Reason
from featdsl.files.lock import is_held
from featdsl.files.staging import FOLDER, OWNER
from featdsl.store.catalog import reading
from featdsl.store.current import Space
from featdsl.store.record import RunRecord
from featdsl.store.schema import marked


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A run that is under way, or died: ``sets`` are those it writes, with their versions.

    ``owner`` says in words who runs it.
    """

    id: str
    space: Space
    owner: Mapping[str, str]
    sets: Mapping[str, int]
    record: RunRecord

    def out(self, target: Path) -> Path:
        """Where its data lie."""
        return Path(self.space.location) if self.space.location else target

    def staging(self, target: Path) -> Path:
        """Its own folder."""
        return self.out(target) / FOLDER / self.id

    def alive(self, target: Path) -> bool:
        """Whether its process lives."""
        return is_held(self.staging(target) / OWNER)


def enter(connection: sqlite3.Connection, target: Path, run: Running) -> None:
    """List a run, which alone may write its sets from then on.

    Raises:
        FileError: another one that lives writes one of them.
    """
    space = (run.space.target, run.space.location)
    for other in listed(connection):
        taken = sorted(run.sets.keys() & other.sets.keys()) if other.space == run.space else []
        if taken:
            said = ", ".join(f"{k} {v}" for k, v in other.owner.items())
            path = run.out(target) / "data" / taken[0]
            raise FileError(path, Reason.LOCKED, detail=said)
    owner, sets = json.dumps(dict(run.owner)), json.dumps(dict(run.sets))
    values = marked((run.id, *space, owner, sets, run.record.to_json()))
    connection.execute("INSERT INTO running VALUES (?, ?, ?, ?, ?, ?, ?)", values)


def leave(connection: sqlite3.Connection, id: str) -> None:
    """Take a run off the list."""
    connection.execute("DELETE FROM running WHERE id = ?", (id,))


def listed(connection: sqlite3.Connection) -> list[Running]:
    """Runs that are listed, whether they live or not; the oldest first."""
    rows = connection.execute("SELECT id, target, location, owner, sets, record FROM running")
    found = [
        Running(
            id=id_,
            space=Space(target=target, location=location),
            owner=json.loads(owner),
            sets=json.loads(sets),
            record=RunRecord.model_validate_json(record),
        )
        for id_, target, location, owner, sets, record in rows
    ]
    return sorted(found, key=lambda r: (r.record.started, r.id))


def running(target: Path) -> list[Running]:
    """Runs of a target that are under way, or died since the last one began.

    Raises:
        FileError: the catalog cannot be read.
    """
    with reading(target) as connection:
        return [] if connection is None else listed(connection)
