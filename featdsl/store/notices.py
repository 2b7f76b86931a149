"""What became of messages about a run, kept beside its record, which was written before."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from featdsl.files.atomic import write_text_atomic
from featdsl.files.paths import safe_name
from featdsl.store.record import Model

FOLDER = "notices"


class Notice(Model):
    """A message to one channel; ``why`` it did not arrive, null where it did."""

    channel: str
    kind: str
    attempts: int
    seconds: float
    why: str | None = None


class NoticeFile(Model):
    schema_version: Literal[1] = 1
    run: str
    event: str
    notices: tuple[Notice, ...]


def notices_path(target: Path, run: str) -> Path:
    """Where it says who was told of a run, if somebody was to be told."""
    return target / FOLDER / f"{safe_name(run)}.json"


def write_notices(target: Path, found: NoticeFile) -> None:
    """Write who was told of a run.

    Raises:
        FileError: it cannot be written.
    """
    text = found.model_dump_json(indent=2) + "\n"
    write_text_atomic(notices_path(target, found.run), text, within=target)


def load_notices(target: Path, run: str) -> NoticeFile | None:
    """Who was told of a run; None where nobody was to be, or it cannot be read."""
    try:
        return NoticeFile.model_validate_json(notices_path(target, run).read_bytes())
    except (OSError, ValidationError):
        return None
