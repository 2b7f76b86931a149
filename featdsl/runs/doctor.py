"""What is wrong with a target, and mending it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from featdsl.files.errors import FileError, Reason
from featdsl.files.lock import locked
from featdsl.files.staging import left_behind
from featdsl.project.load import Project
from featdsl.runs.failures import told
from featdsl.runs.sql_views import show_current, views_hold, views_path, write_views
from featdsl.store.catalog import RECORDS
from featdsl.store.current import (
    Space,
    current_sets,
    pointers_path,
    pointers_text,
    spaces,
    write_pointers,
)
from featdsl.store.leases import running
from featdsl.store.ledger import entries
from featdsl.store.publish import clear
from featdsl.store.rebuild import rebuild
from featdsl.store.verify import remove_uncounted, uncounted
from featdsl.text.amounts import count


@dataclass(frozen=True, slots=True)
class Ailment:
    """Something that is wrong, and what mends it: a function that says what it did."""

    what: str
    remedy: str
    mend: Callable[[], Iterator[str]]


def examine(project: Project) -> list[Ailment]:
    """What is wrong with a project's target, worst first; nothing is changed.

    Raises:
        Failure: the catalog is of a newer version, or cannot be read for another reason than that
            it is damaged.
    """
    target = project.target_dir
    with told():
        try:
            under_way = running(target)
        except FileError as error:
            if error.reason is not Reason.DAMAGED:
                raise
            remedy = "make it anew from the records of runs"
            return [Ailment(str(error), remedy, lambda: _rebuild(target))]
        found = [
            Ailment(
                f"the run {run.id} died, and left {count(len(run.sets), 'set')} unfinished",
                "remove what it left, and say in the ledger that it was aborted",
                lambda: _clear(target),
            )
            for run in under_way
            if not run.alive(target)
        ]
        known = {run.id for run in under_way}
        found += [
            Ailment(
                f"`.staging/{folder.name}` is of a process that died",
                "remove it",
                lambda: _clear(target),
            )
            for folder in left_behind(target)
            if folder.name not in known
        ]
        found += [
            Ailment(
                f"`{RECORDS}/{path.name}` is in no line of the ledger: what wrote it died before "
                "it counted, or somebody put it there",
                "remove it",
                partial(_remove, target),
            )
            for path in uncounted(target, entries(target))
        ]
        for space in _spaces(project):
            if not _pointers_hold(target, space):
                name = pointers_path(target, space).name
                what = f"`current/{name}` does not say what the catalog says"
                found.append(Ailment(what, "write it anew", partial(_point, target, space)))
            if not views_hold(target, target, space):
                what = (
                    f"`current/{views_path(target, space).name}` does not say what the catalog "
                    "says, or the target was moved"
                )
                found.append(Ailment(what, "make it anew", partial(_view, target, space)))
    return found


def mend(project: Project, ailments: list[Ailment]) -> Iterator[str]:
    """Mend all of it; tells what was done.

    Raises:
        Failure: something cannot be written, or somebody else mends the target.
    """
    with told():
        with locked(project.target_dir / ".doctor.lock", {}):
            for ailment in ailments:
                yield from ailment.mend()
        for space in _spaces(project):
            show_current(project.target_dir, project.target_dir, space)


def _spaces(project: Project) -> list[Space]:
    """The target that is asked about, and what else is published in its folder."""
    found = [s for s in spaces(project.target_dir) if not s.location]
    return [*dict.fromkeys((Space(target=project.target_name), *found))]


def _pointers_hold(target: Path, space: Space) -> bool:
    sets = current_sets(target, space)
    try:
        path = pointers_path(target, space)
        return path.read_text(encoding="utf-8") == pointers_text(sets)
    except (OSError, UnicodeDecodeError):
        return not sets


def _rebuild(target: Path) -> Iterator[str]:
    found = rebuild(target)
    yield (
        f"the catalog was made anew: {count(found.records, 'record')}, "
        f"{count(found.sets, 'set')} current"
    )
    if found.lost:
        yield (f"{count(found.lost, 'record')} gone: what they published is not current, if it was")
    yield from (f"left out: {said}" for said in found.left_out)
    if found.old is not None:
        yield f"the broken one is kept: `{found.old.name}`"


def _clear(target: Path) -> Iterator[str]:
    cleared = clear(target, target)
    if cleared:
        yield f"said to be aborted: {', '.join(cleared)}"


def _remove(target: Path) -> Iterator[str]:
    yield from (f"`{RECORDS}/{name}` was removed" for name in remove_uncounted(target))


def _point(target: Path, space: Space) -> Iterator[str]:
    write_pointers(target, target, space)
    yield f"`current/{space.target}.json` was written anew"


def _view(target: Path, space: Space) -> Iterator[str]:
    left = write_views(target, target, space)
    yield f"`current/{views_path(target, space).name}` was made anew"
    yield from left
