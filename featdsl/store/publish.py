"""A run's beginning and end, as its target's catalog has them.

The steps of publishing, in order: what is staged is brought to the disk and to its last place; the
record is written; one transaction of the catalog writes the ledger's line and points the sets to
the new rows. Before it nothing of the run is seen, after it all of it. What a run left that died
in between is removed by the next one.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from contextlib import suppress
from pathlib import Path

from featdsl.files.errors import FileError
from featdsl.files.publish import move, take_back
from featdsl.files.staging import left_behind, remove
from featdsl.store.catalog import reading, writing
from featdsl.store.current import Current, point
from featdsl.store.leases import Running, enter, leave, listed
from featdsl.store.ledger import append
from featdsl.store.record import RunRecord, Status


def begin(target: Path, run: Running) -> None:
    """List a run as under way; it holds the lock of its staging folder.

    What dead runs left is removed first, and the ledger says that they were aborted.

    Raises:
        FileError: another run writes one of its sets, or the catalog cannot be written.
    """
    clear(target, run.out(target))
    with writing(target) as connection:
        enter(connection, target, run)


def clear(target: Path, out: Path) -> list[str]:
    """Remove what dead runs left, of a target and below a folder with data; their names.

    Raises:
        FileError: something cannot be removed.
    """
    cleared = []
    with reading(target) as connection:
        found = [] if connection is None else listed(connection)
    for run in found:
        if run.alive(target):
            continue
        if clear_dead(target, run):
            cleared.append(run.id)
    for folder in left_behind(out):
        remove(folder)
    return cleared


def clear_dead(target: Path, run: Running) -> bool:
    """Remove what a dead run left, and say in the ledger what became of it; whether it was so.

    Several processes may do so at once, and the run may have ended well since it was seen: what it
    published is taken back only while the catalog, which nobody else writes meanwhile, lists it.
    """
    with writing(target) as connection:
        if all(r.id != run.id for r in listed(connection)):
            return False
        with suppress(FileError):  # a disk that is not there any more keeps nobody from running
            take_back(run.out(target), run.sets, run.id)
            if run.staging(target).exists():
                remove(run.staging(target))
        append(connection, target, run.record.model_copy(update={"status": Status.ABORTED}))
        leave(connection, run.id)
    return True


def finish(target: Path, record: RunRecord) -> RunRecord:
    """Write the record of a run that publishes nothing, and take it off the list.

    Returns:
        The record, with its place in the ledger.

    Raises:
        FileError: it cannot be written.
    """
    with writing(target) as connection:
        appended = append(connection, target, record)
        leave(connection, record.run)
    return appended.record


def publish(
    target: Path,
    staging: Path,
    run: Running,
    record: RunRecord,
    sets: Mapping[str, Current],
    beside: Container[str] = (),
) -> RunRecord:
    """Publish what a run has staged, all of it or nothing.

    Args:
        target: Where the catalog lies.
        staging: The run's staging folder.
        run: It is listed as under way.
        record: Its record.
        sets: What readers shall find of each set.
        beside: Sets of which what is current stays: only who asks for the run finds its rows.

    Returns:
        The record, with its place in the ledger.

    Raises:
        FileError: nothing is published.
    """
    out, written = run.out(target), record
    versions = {n: run.sets[n] for n in sets}
    try:
        move(staging, out, versions, run.id)
        with writing(target) as connection:
            appended = append(connection, target, record)
            written = appended.record
            for name, pointer in sets.items():
                if name in beside:
                    continue
                point(connection, run.space, name, appended.use.entry, pointer)
            leave(connection, run.id)
    except BaseException:
        # The transaction may have been kept before the error: the catalog knows.
        counted = _is_counted(target, run.id)
        if counted is False:
            with suppress(FileError):
                take_back(out, versions, run.id)
        if not counted:
            raise
    return written


def _is_counted(target: Path, id: str) -> bool | None:
    """Whether the ledger has a run; None where the catalog cannot be read."""
    try:
        with reading(target) as connection:
            if connection is None:
                return False
            found = connection.execute("SELECT 1 FROM ledger WHERE id = ?", (id,)).fetchone()
            return found is not None
    except FileError:
        return None
