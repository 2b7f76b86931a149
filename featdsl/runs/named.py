"""Runs by the names that people type."""

from __future__ import annotations

from pathlib import Path

from featdsl.diagnostics import catalog
from featdsl.diagnostics.failure import Failure
from featdsl.runs.failures import told
from featdsl.store.ledger import Entry, Unreadable, entries, read_record
from featdsl.store.record import ChangeRecord, RunRecord

LAST = "last"
_SHOWN = 5


def named(target: Path, name: str) -> Entry:
    """The line of the ledger that a name stands for.

    A whole name, the beginning or the end of one that no other has, or `LAST`.

    Raises:
        Failure: there is none, or several.
    """
    with told():
        known = entries(target)
    exact = [e for e in known if e.id == name] or (known[:1] if name == LAST else [])
    found = exact or [e for e in known if name and (e.id.startswith(name) or e.id.endswith(name))]
    if len(found) == 1:
        return found[0]
    if not known:
        message = "nothing was run in this target yet"
        raise Failure(catalog.NO_SUCH_RUN.general(message).help("run something: `featc run`"))
    message = f"{len(found):,} runs begin or end with `{name}`" if found else f"no run is `{name}`"
    told_ = catalog.NO_SUCH_RUN.general(message)
    for entry in found[:_SHOWN]:
        told_ = told_.note(entry.id)
    raise Failure(told_.help("`featc runs` lists them; `last` is the newest"))


def record_named(target: Path, name: str) -> RunRecord | ChangeRecord:
    """The record that a name stands for.

    Raises:
        Failure: there is none, several, or it is not as it was written.
    """
    entry = named(target, name)
    try:
        return read_record(target, entry)
    except Unreadable as error:
        remedy = "put back a copy of the file"
        raise Failure(
            catalog.LOST_RECORD.general(f"cannot be read: {error}").help(remedy)
        ) from error


def run_named(target: Path, name: str) -> RunRecord:
    """The same of a run that computed something.

    Raises:
        Failure: it is none.
    """
    record = record_named(target, name)
    if isinstance(record, RunRecord):
        return record
    message = f"`{record.run}` is a {record.kind}, which computed nothing"
    raise Failure(catalog.NO_SUCH_RUN.general(message).help("`featc runs` says what each is"))
