"""A run made the baseline that drift is compared with, or none any more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from featdsl.diagnostics import catalog
from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.suggest import did_you_mean
from featdsl.project.load import Project
from featdsl.runs.caller import caller
from featdsl.runs.failures import told
from featdsl.runs.named import run_named
from featdsl.store.baselines import pinned
from featdsl.store.catalog import writing
from featdsl.store.history import published
from featdsl.store.ledger import append, new_run_id
from featdsl.store.record import ChangeRecord, SetChange
from featdsl.text.names import short_name


def baselines_of(project: Project) -> dict[str, str]:
    """The pinned run of each set of a project's target.

    Raises:
        Failure: the ledger cannot be read.
    """
    with told():
        return pinned(project.target_dir, project.target_name)


def pin(
    project: Project,
    run: str | None,
    sets: Sequence[str],
    *,
    because: str | None,
    now: Callable[[], datetime],
) -> ChangeRecord | None:
    """Pin what a run published, or with None let go what is pinned; say so in the ledger.

    Args:
        project: Whose target.
        run: The run, by a name that people type.
        sets: Names of sets; none for all that the run published, or that are pinned.
        because: Why.
        now: The clock, UTC without a zone.

    Returns:
        The record; None where nothing changes.

    Raises:
        Failure: there is no such run, it published no such set, or nothing can be written.
    """
    target, known = project.target_dir, baselines_of(project)
    if run is None:
        after, there = None, [*known]
    else:
        record = run_named(target, run)
        after, there = record.run, [name for name, _ in published(record)]
        if not there:
            message = f"the run {record.run} published nothing"
            remedy = "pin one that succeeded: `featc runs` lists them"
            raise Failure(catalog.CANNOT_PIN.general(message).help(remedy))
    names = [_name(given, there, run) for given in sets] or there
    changes = tuple(SetChange(set=n, before=known.get(n), after=after) for n in names)
    changes = tuple(c for c in changes if c.before != c.after)
    if not changes:
        return None
    begun = now()
    change = ChangeRecord(
        run=new_run_id(begun),
        kind="pin",
        project=project.config.project.name,
        target=project.target_name,
        caller=caller(),
        started=begun,
        because=because,
        changes=changes,
    )
    with told(), writing(target) as connection:
        return append(connection, target, change).record


def _name(given: str, there: Sequence[str], run: str | None) -> str:
    found = [n for n in there if given in (n, short_name(n))]
    if len(found) == 1:
        return found[0]
    what = "is pinned" if run is None else f"the run `{run}` published"
    many = "several sets are" if found else "no set is"
    message = f"{many} called `{given}` of what {what}"
    raise Failure(catalog.CANNOT_PIN.general(message).help(did_you_mean(given, there, what="sets")))
