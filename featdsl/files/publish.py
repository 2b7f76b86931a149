"""From a staging folder to where readers look.

The steps, in order: everything staged is brought to the disk; ``commit.json`` is written, the
one point after which the run counts as published; each set's folder is renamed to
``data/<set>/v<version>/<run>/``, a name never used before; each set's ``current.json`` is
replaced; the run's record is written. All but the first two are done again by the next run
where a crash or a full disk cut them short. A reader follows ``current.json``, and finds for
each set the old rows or the new.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from featdsl.files import faults
from featdsl.files.atomic import make_folder, sync_folder, sync_tree, write_text_atomic
from featdsl.files.errors import FileError, Reason, explained
from featdsl.files.paths import inside, safe_name
from featdsl.files.staging import COMMIT, left_behind, remove

DATA = "data"
CURRENT = "current.json"
RUNS = "runs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A set whose rows lie in the staging folder's ``data/<set>``.

    ``pointer`` is what ``current.json`` says beside the folder: files, rows, hashes.
    """

    set: str
    version: int
    pointer: Mapping[str, Any]


def staged_folder(staging: Path, name: str) -> Path:
    """Where the rows of a set are written before they are published.

    Raises:
        ValueError: the name is no safe file name.
    """
    return staging / DATA / safe_name(name)


def set_folder(target: Path, published: Published, run: str) -> Path:
    """Where the rows of a set lie once they are published."""
    version = f"v{int(published.version)}"
    return target / DATA / safe_name(published.set) / version / safe_name(run)


def publish(
    staging: Path, target: Path, records: Path, sets: Sequence[Published], record: str
) -> None:
    """Publish a run's sets and its record.

    Args:
        staging: The run's staging folder, on the file system of `target`; its name is the run's.
        target: Where ``data/`` lies.
        records: The folder of run records.
        sets: What to publish.
        record: The run's record, as JSON.

    Raises:
        FileError: before the commit point nothing is published; behind it (``commit.json`` is
            there) the next run finishes the publishing.
    """
    for item in sets:
        if set_folder(target, item, staging.name).exists():
            raise FileError(set_folder(target, item, staging.name), Reason.EXISTS)
    with explained(staging):
        if (staging / DATA).is_dir():
            sync_tree(staging / DATA)
    commit = {"sets": [asdict(s) for s in sets], "record": record}
    faults.point("commit")
    write_text_atomic(staging / COMMIT, json.dumps(commit))
    _finish(staging, target, records)


def recover(target: Path, records: Path) -> tuple[list[str], list[str]]:
    """Finish the publishing of committed runs that died, and remove what the others left.

    The caller holds the lock of `target`.

    Returns:
        The runs that were finished, and those that were removed.

    Raises:
        FileError: something cannot be written or removed.
    """
    finished, removed = [], []
    for folder in left_behind(target):
        if (folder / COMMIT).exists():
            _finish(folder, target, records)
            remove(folder)
            finished.append(folder.name)
        else:
            remove(folder)
            removed.append(folder.name)
    return finished, removed


def _finish(staging: Path, target: Path, records: Path) -> None:
    """Do what follows the commit point; what is done already is left as it is."""
    commit = json.loads((staging / COMMIT).read_text(encoding="utf-8"))
    sets = [Published(**s) for s in commit["sets"]]
    for item in sets:
        _move(staged_folder(staging, item.set), set_folder(target, item, staging.name), target)
    for item in sets:
        folder = set_folder(target, item, staging.name)
        pointer = {"run": staging.name, "folder": f"{folder.parent.name}/{folder.name}"}
        write_text_atomic(
            target / DATA / item.set / CURRENT,
            json.dumps({**pointer, **item.pointer}, indent=2) + "\n",
            within=target,
        )
    write_text_atomic(records / f"{safe_name(staging.name)}.json", commit["record"])
    faults.point("uncommit")
    with explained(staging):
        (staging / COMMIT).unlink()


def _move(staged: Path, final: Path, target: Path) -> None:
    if final.exists() and not staged.exists():
        return
    with explained(final):
        make_folder(final.parent)
        inside(target, final.parent)
        faults.point("rename folder")
        staged.rename(final)
        sync_folder(final.parent)
