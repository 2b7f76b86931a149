"""What readers find of a published set: its pointer, and the record of the run behind it."""

from __future__ import annotations

from pathlib import Path

from pydantic import ConfigDict, ValidationError

from featdsl.files.paths import safe_name
from featdsl.files.publish import CURRENT, DATA
from featdsl.store.record import ColumnUse, FileUse, Model, PartsUse, RunRecord
from featdsl.store.records import records_folder


class Current(Model):
    """``current.json`` of a set; ``folder`` is relative to the set's own."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    run: str
    folder: str
    format: str
    rows: int
    columns: tuple[ColumnUse, ...]
    files: tuple[FileUse, ...]
    fingerprint: str
    parts: PartsUse | None = None


class Unreadable(Exception):
    """A pointer or a record is there, and cannot be read; the message says why."""


def current_set(target: Path, name: str) -> Current | None:
    """The pointer of a set; None where it was never published.

    Raises:
        Unreadable: it is there, and cannot be read.
    """
    path = set_path(target, name) / CURRENT
    try:
        return Current.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Unreadable(f"`{path.name}` of `{name}`: {error.strerror}") from error
    except ValidationError as error:
        raise Unreadable(f"`{path.name}` of `{name}` is not one of this version") from error


def record_of_run(target: Path, run: str) -> RunRecord:
    """The record of a run that published.

    Raises:
        Unreadable: it is not there, or cannot be read.
    """
    path = records_folder(target) / f"{safe_name(run)}.json"
    try:
        return RunRecord.model_validate_json(path.read_bytes())
    except OSError as error:
        raise Unreadable(f"the record `{path.name}`: {error.strerror}") from error
    except (ValidationError, RecursionError) as error:
        raise Unreadable(f"the record `{path.name}` is not one of this version") from error


def set_path(target: Path, name: str) -> Path:
    """The folder of a set's versions."""
    return target / DATA / safe_name(name)
