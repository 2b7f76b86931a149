"""What was published and is not current any more, removed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from featdsl.files.errors import explained
from featdsl.files.publish import DATA
from featdsl.files.staging import remove
from featdsl.project.load import Project
from featdsl.runs.caller import caller
from featdsl.runs.failures import told
from featdsl.runs.kept import forget, kept_sets
from featdsl.store.baselines import pinned_anywhere
from featdsl.store.catalog import reading, writing
from featdsl.store.current import Current
from featdsl.store.leases import listed, running
from featdsl.store.ledger import append, entries, new_run_id
from featdsl.store.record import ChangeRecord, SetChange

GRACE = timedelta(days=1)
"""Somebody may still read what was current until now."""


@dataclass(frozen=True, slots=True)
class Old:
    """A folder of a set with the rows of one run; ``bytes`` of all its files."""

    set: str
    run: str
    folder: Path
    bytes: int


def find_old(
    project: Project,
    *,
    keep: int,
    now: datetime,
    grace: timedelta = GRACE,
) -> list[Old]:
    """Folders that nobody needs any more, oldest first.

    Never of what is current in any target or pinned, of a run under way, or younger than `grace`;
    of each set the newest `keep` runs stay besides, so that one can go back.

    Args:
        project: Whose target.
        keep: Runs of each set to keep besides what is current.
        now: UTC without a zone.
        grace: How long what was published stays in any case.

    Raises:
        Failure: the catalog cannot be read.
    """
    target = project.target_dir
    with told():
        lines = {e.id: e for e in entries(target)}
        with reading(target) as connection:
            if connection is None:
                return []
            rows = connection.execute("SELECT pointer FROM current WHERE location = ''")
            current = {Current.model_validate_json(pointer).folder for (pointer,) in rows}
            under_way = {run.id for run in listed(connection)}
        needed = under_way | pinned_anywhere(target)
        found: dict[str, list[Path]] = {}
        for folder in _folders(target):
            if _shown(target, folder) not in current and folder.name not in needed:
                found.setdefault(folder.parent.parent.name, []).append(folder)
        old = []
        for name, folders in found.items():
            # What no record names was never published: it is not one of those to go back to.
            known = [f for f in folders if f.name in lines]
            kept = sorted(known, key=lambda f: lines[f.name].entry, reverse=True)[:keep]
            for folder in folders:
                line = lines.get(folder.name)
                since = _written(folder) if line is None else line.started
                if folder not in kept and now - since >= grace:
                    size = sum(f.stat().st_size for f in folder.rglob("*") if f.is_file())
                    old.append(Old(name, folder.name, folder, size))
    return sorted(old, key=lambda o: (o.run, o.set))


def remove_old(
    project: Project, found: Sequence[Old], *, now: Callable[[], datetime]
) -> ChangeRecord:
    """Say in the ledger what is removed, then remove it. Cut short, the next time goes on.

    Raises:
        Failure: something cannot be written or removed.
    """
    target, begun = project.target_dir, now()
    record = ChangeRecord(
        run=new_run_id(begun),
        kind="gc",
        project=project.config.project.name,
        target=project.target_name,
        caller=caller(),
        started=begun,
        changes=tuple(SetChange(set=o.set, before=o.run, after=None) for o in found),
    )
    with told():
        with writing(target) as connection:
            appended = append(connection, target, record)
        for old in found:
            remove(old.folder)
            _remove_empty(old.folder.parent)
    return appended.record


def remove_kept(project: Project, *, before: datetime) -> int:
    """Remove what runs that stopped kept for `--resume` until a time; the bytes that were freed.

    Raises:
        Failure: the catalog cannot be read.
    """
    target = project.target_dir
    with told():
        written = {name for run in running(target) for name in run.sets}
    found = [(name, size) for name, size in kept_sets(target, before) if name not in written]
    forget(target, [name for name, _ in found])
    return sum(size for _, size in found)


def _folders(target: Path) -> Iterator[Path]:
    """``data/<set>/v<version>/<run>``."""
    with explained(target / DATA, doing="read"):
        yield from (f for f in (target / DATA).glob("*/v*/*") if f.is_dir())


def _shown(target: Path, folder: Path) -> str:
    return folder.relative_to(target / DATA).as_posix()


def _written(folder: Path) -> datetime:
    return datetime.fromtimestamp(folder.stat().st_mtime, UTC).replace(tzinfo=None)


def _remove_empty(folder: Path) -> None:
    for empty in (folder, folder.parent):
        try:
            empty.rmdir()
        except OSError:  # something is in it
            return
