"""Rows that did not hold what is expected, kept beside the record of their run.

Values are texts as messages show them; those of personal data are hidden.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from featdsl.files.atomic import write_text_atomic
from featdsl.files.paths import safe_name
from featdsl.store.record import Model, PlaceEntry

FOLDER = "failing"


class FailingRows(Model):
    """Some rows for which an expectation does not hold; ``failing`` counts all of them."""

    subject: str
    kind: str
    text: str
    failing: int | None
    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]
    place: PlaceEntry | None = None


class FailingFile(Model):
    schema_version: Literal[1] = 1
    run: str
    checks: tuple[FailingRows, ...]


def failing_path(target: Path, run: str) -> Path:
    """Where the failing rows of a run lie, if there are some."""
    return target / FOLDER / f"{safe_name(run)}.json"


def write_failing(target: Path, found: FailingFile) -> Path:
    """Write the failing rows of a run.

    Raises:
        FileError: they cannot be written.
    """
    path = failing_path(target, found.run)
    write_text_atomic(path, found.model_dump_json(indent=2) + "\n", within=target)
    return path


def load_failing(target: Path, run: str) -> FailingFile | None:
    """The failing rows of a run; None where there are none, or they cannot be read."""
    try:
        return FailingFile.model_validate_json(failing_path(target, run).read_bytes())
    except (OSError, ValidationError):
        return None
