"""From a staging folder to where readers look.

Folders of a run's sets are brought to the disk, then renamed to ``data/<set>/v<version>/<run>/``,
names never used before. Nobody looks for them there until a catalog names them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from featdsl.files import faults
from featdsl.files.atomic import make_folder, sync_folder, sync_tree
from featdsl.files.errors import FileError, Reason, explained
from featdsl.files.paths import inside, safe_name
from featdsl.files.staging import remove

DATA = "data"


def staged_folder(staging: Path, name: str) -> Path:
    """Where the rows of a set are written before they are published.

    Raises:
        ValueError: the name is no safe file name.
    """
    return staging / DATA / safe_name(name)


def set_folder(out: Path, name: str, version: int, run: str) -> Path:
    """Where the rows of a set lie once they are published."""
    return out / DATA / safe_name(name) / f"v{int(version)}" / safe_name(run)


def move(staging: Path, out: Path, sets: Mapping[str, int], run: str) -> None:
    """Bring what is staged to its last place, durably.

    Args:
        staging: The run's staging folder, on the file system of `out`.
        out: Where ``data/`` lies.
        sets: Versions of sets by their names.
        run: The run's name.

    Raises:
        FileError: something cannot be written; what was moved is left there.
    """
    folders = {n: set_folder(out, n, version, run) for n, version in sets.items()}
    for folder in folders.values():
        if folder.exists():
            raise FileError(folder, Reason.EXISTS)
    with explained(staging):
        if (staging / DATA).is_dir():
            sync_tree(staging / DATA)
    for name, folder in folders.items():
        with explained(folder):
            make_folder(folder.parent)
            inside(out, folder.parent)
            faults.point("rename folder")
            staged_folder(staging, name).rename(folder)
            sync_folder(folder.parent)


def take_back(out: Path, sets: Mapping[str, int], run: str) -> None:
    """Remove what a run moved, and no catalog names.

    Raises:
        FileError: something cannot be removed.
    """
    for name, version in sets.items():
        folder = set_folder(out, name, version, run)
        if folder.exists():
            remove(folder)
        _remove_empty((folder.parent, folder.parent.parent))


def _remove_empty(folders: Iterable[Path]) -> None:
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:  # something is in it, or it is not there
            return
