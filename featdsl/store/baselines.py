"""Baselines: runs that somebody pinned, for what drifts to be compared with."""

from __future__ import annotations

from pathlib import Path

from featdsl.files.errors import FileError, Reason
from featdsl.store.ledger import Unreadable, entries, read_record, record_path
from featdsl.store.record import ChangeRecord

KIND = "pin"


def pinned(target: Path, name: str) -> dict[str, str]:
    """The run that is the baseline of each set which has one.

    Args:
        target: Where the ledger lies.
        name: The target's name: each has baselines of its own.

    Raises:
        FileError: the catalog cannot be read, or a record that pinned something is not as it was.
    """
    found: dict[str, str] = {}
    for entry in reversed(entries(target)):
        if entry.kind != KIND or entry.target != name:
            continue
        try:
            record = read_record(target, entry)
        except Unreadable as error:
            path = record_path(target, entry.id)
            raise FileError(path, Reason.DAMAGED, doing="read", detail=str(error)) from error
        assert isinstance(record, ChangeRecord), "its kind says so"
        for change in record.changes:
            found.pop(change.set, None)
            if change.after is not None:
                found[change.set] = change.after
    return found


def pinned_anywhere(target: Path) -> frozenset[str]:
    """Runs that are a baseline of a set of any target.

    Raises:
        FileError: as of `pinned`.
    """
    names = {e.target for e in entries(target) if e.kind == KIND}
    return frozenset(run for name in names for run in pinned(target, name).values())
