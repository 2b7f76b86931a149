"""Locks that die with their process."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from featdsl.files.errors import FileError, Reason, explained


@contextmanager
def locked(path: Path, owner: dict[str, Any], *, wait: bool = False) -> Iterator[None]:
    """Hold the lock at `path` (a file that stays); the system frees it when the process ends.

    Args:
        path: The lock's file; its folder exists.
        owner: Who holds it, written into the file for whoever finds it held.
        wait: Whether to wait for another holder instead of failing.

    Raises:
        FileError: it is held by another process (`Reason.LOCKED`, the detail says who), or the
            file cannot be opened.
    """
    with explained(path, doing="lock"):
        # Unbuffered: what cannot be written would be tried again, and fail, when it is closed.
        file: IO[bytes] = path.open("r+b" if path.exists() else "w+b", buffering=0)
    with file:
        if not _try_lock(file, wait=wait):
            raise FileError(path.parent, Reason.LOCKED, detail=_holder(file))
        with explained(path, doing="lock"):
            file.seek(0)
            file.truncate()
            file.write(json.dumps(owner).encode("utf-8"))
        yield


def is_held(path: Path) -> bool:
    """Whether a living process holds the lock at `path`."""
    try:
        file = path.open("r+b")
    except OSError:
        return False
    with file:
        return not _try_lock(file, wait=False, shared=True)


def _holder(file: IO[bytes]) -> str:
    try:
        file.seek(0)
        owner = json.loads(file.read(4096))
        return ", ".join(f"{key} {value}" for key, value in owner.items())
    except (OSError, ValueError, AttributeError):
        return ""


if sys.platform == "win32":
    import msvcrt

    def _try_lock(file: IO[bytes], *, wait: bool, shared: bool = False) -> bool:
        # A byte far behind the text: a locked range cannot be read by others on Windows.
        file.seek(1 << 30)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(file: IO[bytes], *, wait: bool, shared: bool = False) -> bool:
        # Those who only look do not take each other for holders.
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(file, kind | (0 if wait else fcntl.LOCK_NB))
        except OSError:
            return False
        return True
