"""A run's own folder: where it writes before anything is published.

``<target>/.staging/<run>/`` belongs to one process, which holds the lock in it. What a process
left behind when it died is found by the free lock.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from featdsl.files import faults
from featdsl.files.atomic import make_folder
from featdsl.files.errors import explained
from featdsl.files.lock import is_held, locked
from featdsl.files.paths import inside, safe_name

FOLDER = ".staging"
OWNER = "owner.lock"


@contextmanager
def staging(target: Path, run: str) -> Iterator[Path]:
    """Create the folder of `run`, and remove it at the end.

    Raises:
        FileError: it cannot be created.
    """
    parent = target / FOLDER
    folder = parent / safe_name(run)
    with explained(target):
        make_folder(parent)
        inside(target, parent)
    with ExitStack() as stack:
        with locked(parent / "create.lock", {}, wait=True), explained(folder):
            faults.point("mkdir")
            folder.mkdir()
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            stack.enter_context(locked(folder / OWNER, {"pid": os.getpid()}))
        yield folder


def left_behind(target: Path) -> list[Path]:
    """Folders whose process is dead, oldest run first."""
    parent = target / FOLDER
    if not parent.is_dir():
        return []
    with locked(parent / "create.lock", {}, wait=True):
        found = [f for f in parent.iterdir() if f.is_dir() and not f.is_symlink()]
        return sorted(f for f in found if not is_held(f / OWNER))


def remove(folder: Path) -> None:
    """Remove a folder with all that is in it; another process may do the same at once.

    Raises:
        FileError: something in it cannot be removed.
    """

    def failed(function: object, path: str, info: tuple[type, BaseException, object]) -> None:
        if not isinstance(info[1], FileNotFoundError):
            raise info[1]

    with explained(folder, doing="remove"):
        faults.point("remove")
        shutil.rmtree(folder, onerror=failed)
