"""What a record says of the sources that a run read."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from featdsl.store.model import ColumnUse, FileUse, Model


class InputFile(FileUse):
    """A file of a source; ``rows`` are its stored rows: 0 of one that holds none.

    Where the engine does not say which rows are of which file, it is null.
    """

    rows: int | None = None


class DropUse(Model):
    """Stored rows that a ``drop when`` took out; a row counts for the first one it meets."""

    condition: str
    because: str | None
    rows: int


class InputUse(Model):
    """A source: ``rows`` are stored rows, before anything is dropped."""

    source: str
    kind: str
    location: str
    rows: int
    files: tuple[InputFile, ...]
    columns: tuple[ColumnUse, ...] = ()
    """As they are read: names and types."""
    dropped: tuple[DropUse, ...] = ()
    oldest: datetime | None = None
    newest: datetime | None = None
    """Earliest and latest time of a row that is visible at the as-of time."""
    days: int | None = None
    """Different days, in UTC, of such times."""
    options: dict[str, str] = Field(default_factory=dict)
    """Options of the location that come from a parameter or the environment, as used."""


class RejectUse(Model):
    """Rows of a source's file that could not be read as declared: the file was not taken."""

    source: str
    file: str
    rows: int
