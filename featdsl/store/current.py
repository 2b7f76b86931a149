"""What readers find of a published set: its pointer in the catalog.

For readers that know no SQLite all pointers of a target are in one file beside, written anew after
each change: ``current/<target>.json``.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ConfigDict, ValidationError

from featdsl.files.atomic import make_folder, write_text_atomic
from featdsl.files.errors import FileError, Reason, explained
from featdsl.files.lock import locked
from featdsl.files.paths import safe_name
from featdsl.files.publish import DATA
from featdsl.store.catalog import catalog_path, reading
from featdsl.store.record import ColumnUse, FileUse, Model, OutputUse, PartsUse, TrainingUse
from featdsl.store.schema import marked

FOLDER = "current"


class Current(Model):
    """What is current of a set; ``folder`` is relative to the ``data`` folder."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    run: str
    folder: str
    format: str
    rows: int
    columns: tuple[ColumnUse, ...]
    files: tuple[FileUse, ...]
    fingerprint: str
    parts: PartsUse | None = None

    @classmethod
    def of(cls, made: OutputUse | TrainingUse, run: str) -> Current:
        """What readers shall find of a set that a run wrote."""
        assert made.folder is not None, "a set is written before it is published"
        return cls(
            run=run,
            folder=made.folder,
            format=made.format,
            rows=made.rows,
            columns=made.columns,
            files=made.files,
            fingerprint=made.fingerprint,
            parts=made.parts if isinstance(made, OutputUse) else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """Sets that are seen together: those of a target, at a location.

    ``location`` is where its data lie, where that is not below the folder of the catalog.
    """

    target: str
    location: str = ""


def data_path(target: Path, space: Space, pointer: Current, file: FileUse) -> Path:
    """Where a file of a set lies."""
    return data_folder(target, space, pointer) / file.path


def data_folder(target: Path, space: Space, pointer: Current) -> Path:
    """Where the files of a set lie."""
    return out_of(target, space) / DATA / pointer.folder


def out_of(target: Path, space: Space) -> Path:
    """Where the data of a space lie."""
    return Path(space.location) if space.location else target


def point(
    connection: sqlite3.Connection, space: Space, name: str, entry: int, pointer: Current
) -> None:
    """Let a set of a space be what an entry of the ledger made it."""
    values = (space.target, space.location, name, entry, pointer.model_dump_json())
    connection.execute("INSERT OR REPLACE INTO current VALUES (?, ?, ?, ?, ?, ?)", marked(values))


def current_sets(target: Path, space: Space) -> dict[str, Current]:
    """The pointers of a space by the names of sets, all of one moment.

    Raises:
        FileError: the catalog cannot be read.
    """
    with reading(target) as connection:
        return {} if connection is None else _sets(connection, target, space)


def spaces(target: Path) -> list[Space]:
    """The spaces in which something is current.

    Raises:
        FileError: the catalog cannot be read.
    """
    with reading(target) as connection:
        if connection is None:
            return []
        rows = connection.execute("SELECT DISTINCT target, location FROM current ORDER BY 1, 2")
        return [Space(target=name, location=location) for name, location in rows]


def _sets(connection: sqlite3.Connection, target: Path, space: Space) -> dict[str, Current]:
    rows = connection.execute(
        "SELECT name, pointer FROM current WHERE target = ? AND location = ? ORDER BY name",
        (space.target, space.location),
    )
    try:
        return {name: Current.model_validate_json(pointer) for name, pointer in rows}
    except ValidationError as error:
        path = catalog_path(target)
        raise FileError(path, Reason.NEWER, doing="read", detail="a pointer") from error


def pointers_path(out: Path, space: Space) -> Path:
    """The file that tells readers without SQLite what is current."""
    return out / FOLDER / f"{safe_name(space.target)}.json"


def write_pointers(target: Path, out: Path, space: Space) -> None:
    """Write what is current of a space into a file, for readers of any kind.

    Args:
        target: Where the catalog lies.
        out: Where the data of the space lie.
        space: Which sets.

    Raises:
        FileError: the catalog cannot be read, or the file cannot be written.
    """
    path = pointers_path(out, space)
    with explained(path):
        make_folder(path.parent)
    # What is read last is written last.
    with locked(path.with_suffix(".lock"), {}, wait=True):
        text = pointers_text(current_sets(target, space))
        write_text_atomic(path, text, within=out)


def pointers_text(found: Mapping[str, Current]) -> str:
    """What the file holds."""
    sets = {n: c.model_dump(mode="json", exclude_none=True) for n, c in found.items()}
    return json.dumps({"version": 1, "sets": sets}, indent=2) + "\n"
