"""A target's catalog: what happened, and what is current.

One SQLite file, ``<target>/catalog.sqlite``, with a journal that is gone when nothing is written:
a copy of the file is a copy of the catalog. A transaction is the one point at which a run counts
as published. What is read has been checked: a damaged catalog answers nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from itertools import count
from pathlib import Path

from featdsl.files import faults
from featdsl.files.atomic import sync_folder
from featdsl.files.errors import FileError, Reason, explained
from featdsl.store.schema import APPLICATION, TABLES, VERSION, mark, marked

FILE = "catalog.sqlite"
RECORDS = "runs"
"""The folder beside it with a record for each line of the ledger."""
_WAIT_SECONDS = 120.0
"""Until another process has written; it takes milliseconds."""
EMPTY = ""
"""The hash before the first record."""

_DAMAGED = frozenset({"SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_FORMAT", "SQLITE_SCHEMA"})
_REASONS = {
    "SQLITE_FULL": Reason.FULL,
    "SQLITE_READONLY": Reason.READ_ONLY,
    "SQLITE_CANTOPEN": Reason.DENIED,
    "SQLITE_PERM": Reason.DENIED,
    "SQLITE_BUSY": Reason.LOCKED,
    "SQLITE_LOCKED": Reason.LOCKED,
}


def catalog_path(target: Path) -> Path:
    """Where the catalog of a target lies."""
    return target / FILE


@contextmanager
def reading(target: Path) -> Iterator[sqlite3.Connection | None]:
    """A connection that sees the catalog of one moment; None where there is no catalog.

    Raises:
        FileError: it cannot be read, is damaged, or is of a newer version.
    """
    path = catalog_path(target)
    if not path.exists():
        _check_gone(path)
        yield None
        return
    with _told(path, "read"), closing(_connect(path)) as connection:
        connection.execute("BEGIN")
        if _is_new(connection):  # its first transaction was never finished
            _check_gone(path)
            yield None
            return
        check(connection, path)
        yield connection
        connection.execute("ROLLBACK")


def made_anew(target: Path, fill: Callable[[sqlite3.Connection], None]) -> Path | None:
    """Put a new catalog into the place of one that cannot be read.

    Args:
        target: Where it lies.
        fill: Writes the rows of the new one.

    Returns:
        Where the old one is kept; None where there was none.

    Raises:
        FileError: it cannot be written; the old one stays.
    """
    path, new = catalog_path(target), target / f"{FILE}.new"
    with _told(path, "write"):
        new.unlink(missing_ok=True)
        with closing(_connect(new)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            _create(connection)
            fill(connection)
            _seal(connection)
            connection.execute("COMMIT")
            check(connection, new)
        old = None
        if path.exists():
            old = next(p for n in count(1) if not (p := target / f"{FILE}.broken-{n}").exists())
            faults.point("rename")
            path.rename(old)
        # A journal of the old one would be played into the new one.
        path.with_name(f"{FILE}-journal").unlink(missing_ok=True)
        faults.point("rename")
        new.rename(path)
        sync_folder(target)
    return old


@contextmanager
def writing(target: Path) -> Iterator[sqlite3.Connection]:
    """A transaction: all of it is kept when the block ends, or nothing.

    One process at a time writes; others wait. The target's folder exists.

    Raises:
        FileError: it cannot be written, is damaged, or is of a newer version.
    """
    path = catalog_path(target)
    fresh = not path.exists()
    with _told(path, "write"), closing(_connect(path)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        try:
            if _is_new(connection):
                _check_gone(path)
                _create(connection)
            check(connection, path)
            yield connection
            _seal(connection)
            faults.point("catalog commit")
            connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            raise
        if fresh:
            sync_folder(target)
        faults.point("catalog committed")


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None)
    try:
        # EXTRA: also the folder, so that a journal that is gone stays gone.
        for pragma in ("synchronous = EXTRA", "foreign_keys = ON", "trusted_schema = OFF"):
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    return connection


def _is_new(connection: sqlite3.Connection) -> bool:
    """Whether nothing is in the file yet."""
    return not connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]


def _check_gone(path: Path) -> None:
    """Tell a catalog that was never there from one that is lost.

    Raises:
        FileError: there are records beside it.
    """
    if next((path.parent / RECORDS).glob("*.json"), None) is not None:
        raise FileError(
            path, Reason.DAMAGED, doing="read", detail="it is gone, its records are not"
        )


def _create(connection: sqlite3.Connection) -> None:
    for table in TABLES:
        connection.execute(table)
    values = marked((0, EMPTY, 0))
    connection.execute("INSERT INTO state VALUES (1, ?, ?, ?, ?)", values)
    connection.execute(f"PRAGMA application_id = {APPLICATION}")
    connection.execute(f"PRAGMA user_version = {VERSION}")


def check(connection: sqlite3.Connection, path: Path) -> None:
    """Look through all of a catalog.

    Raises:
        FileError: something in it is not as it was written, or of a newer version.
    """
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if application != APPLICATION:
        raise FileError(path, Reason.DAMAGED, doing="read", detail="it is no catalog")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > VERSION:
        raise FileError(path, Reason.NEWER, doing="read", detail=f"its version is {version}")
    if version < VERSION:
        raise FileError(path, Reason.DAMAGED, doing="read", detail=f"its version is {version}")
    wrong = _wrong_form(connection) or _wrong_rows(connection)
    if wrong:
        raise FileError(path, Reason.DAMAGED, doing="read", detail=wrong)


def _wrong_form(connection: sqlite3.Connection) -> str | None:
    """What is wrong with tables and pages."""
    tables = connection.execute("SELECT sql FROM sqlite_schema WHERE type = 'table'").fetchall()
    if sorted(map(_spaced, TABLES)) != sorted(_spaced(str(sql)) for (sql,) in tables):
        return "its tables are not as they were made"
    (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    return None if found == "ok" else str(found).splitlines()[-1]


def _spaced(sql: str) -> str:
    return " ".join(sql.split())


def _wrong_rows(connection: sqlite3.Connection) -> str | None:
    """What is wrong with what stands in the rows."""
    states = connection.execute("SELECT entries, head, sets, mark FROM state").fetchall()
    if len(states) != 1 or mark(*states[0][:-1]) != states[0][-1]:
        return "its state is not as it was written"
    entries, head, sets, _ = states[0]
    last, number = EMPTY, 0
    for number, row in enumerate(connection.execute("SELECT * FROM ledger ORDER BY entry"), 1):
        if mark(*row[:-1]) != row[-1] or row[0] != number:
            return f"entry {number} is not as it was written"
        last = row[-2]
    if number != entries or last != head:
        return f"it has {number} of {entries} entries"
    rows = connection.execute("SELECT * FROM current").fetchall()
    if any(mark(*row[:-1]) != row[-1] for row in rows):
        return "a set is not as it was written"
    for row in connection.execute("SELECT * FROM running"):
        if mark(*row[:-1]) != row[-1]:
            return "a run under way is not as it was written"
    return None if len(rows) == sets else f"it has {len(rows)} of {sets} sets"


def _seal(connection: sqlite3.Connection) -> None:
    """Write down how much there is."""
    newest = "SELECT entry, hash FROM ledger ORDER BY entry DESC LIMIT 1"
    entries, head = connection.execute(newest).fetchone() or (0, EMPTY)
    (sets,) = connection.execute("SELECT count(*) FROM current").fetchone()
    connection.execute(
        "UPDATE state SET entries = ?, head = ?, sets = ?, mark = ?", marked((entries, head, sets))
    )


@contextmanager
def _told(path: Path, doing: str) -> Iterator[None]:
    """Turn what the engine reports into `FileError`s."""
    try:
        with explained(path, doing=doing):
            yield
    except sqlite3.Error as error:
        raise _explained(error, path, doing) from error
    except UnicodeDecodeError as error:  # in a name of the schema, or in the engine's message
        raise FileError(path, Reason.DAMAGED, doing=doing, detail="it is no UTF-8") from error


def _explained(error: sqlite3.Error, path: Path, doing: str) -> FileError:
    # Python reports text that is no UTF-8 without one of the engine's names.
    name = getattr(error, "sqlite_errorname", None) or "SQLITE_CORRUPT"
    base = "_".join(name.split("_")[:2])
    if base in _DAMAGED:
        return FileError(path, Reason.DAMAGED, doing=doing, detail=str(error))
    if base in _REASONS:
        return FileError(path, _REASONS[base], doing=doing)
    return FileError(path, Reason.FAILED, doing=doing, detail=str(error))
