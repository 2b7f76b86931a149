"""What is current, put back to what an earlier run published."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from featdsl.diagnostics import catalog
from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.model import Diagnostic
from featdsl.diagnostics.suggest import did_you_mean
from featdsl.files.digest import sha256
from featdsl.files.errors import FileError, explained
from featdsl.project.load import Project
from featdsl.runs.caller import caller
from featdsl.runs.failures import told
from featdsl.store.catalog import writing
from featdsl.store.current import Current, Space, current_sets, data_path, point, write_pointers
from featdsl.store.ledger import append, new_run_id, newest_first
from featdsl.store.record import ChangeRecord, OutputUse, RunRecord, SetChange, Status, TrainingUse
from featdsl.text.names import short_name


@dataclass(frozen=True, slots=True)
class Step:
    """A set: what is current of it, and what would be."""

    set: str
    before: Current
    after: Current
    record: RunRecord
    """Of the run that published what would be current."""


def plan_rollback(project: Project, sets: Sequence[str], to: str | None = None) -> list[Step]:
    """What a rollback would do; nothing is changed.

    Args:
        project: Whose target.
        sets: Names of sets; none for all.
        to: The run to go back to; without it, for each set the last one before the current one
            that published it.

    Raises:
        Failure: a name is unknown, or there is nothing earlier whose files are as they were
            written.
    """
    target, space = project.target_dir, Space(target=project.target_name)
    with told():
        current = current_sets(target, space)
        names = _names(current, sets)
        steps = [s for n in names if (s := _step(target, space, n, current[n], to)) is not None]
        if not steps:
            raise Failure(_nothing(names, to))
        for step in steps:
            _check_files(target, space, step)
    return steps


def roll_back(
    project: Project, steps: Sequence[Step], *, because: str | None, now: Callable[[], datetime]
) -> ChangeRecord:
    """Do it: all sets at once. What was current stays where it is.

    Raises:
        Failure: the catalog cannot be written, or another run published meanwhile.
    """
    target, space = project.target_dir, Space(target=project.target_name)
    begun = now()
    changes = [SetChange(set=s.set, before=s.before.run, after=s.after.run) for s in steps]
    record = ChangeRecord(
        run=new_run_id(begun),
        kind="rollback",
        project=project.config.project.name,
        target=space.target,
        caller=caller(),
        started=begun,
        because=because,
        changes=tuple(changes),
    )
    with told():
        with writing(target) as connection:
            found = dict(
                connection.execute(
                    "SELECT name, pointer FROM current WHERE target = ? AND location = ?",
                    (space.target, space.location),
                )
            )
            for step in steps:
                if Current.model_validate_json(found[step.set]) != step.before:
                    raise Failure(_overtaken(step))
            appended = append(connection, target, record)
            for step in steps:
                point(connection, space, step.set, appended.use.entry, step.after)
        write_pointers(target, target, space)
    return appended.record


def _names(current: Mapping[str, Current], sets: Sequence[str]) -> list[str]:
    if not current:
        message = "nothing is published in this target"
        raise Failure(catalog.NOTHING_EARLIER.general(message).help("publish first: `featc run`"))
    names: dict[str, None] = {}
    for given in sets or current:
        found = [n for n in current if given in (n, short_name(n))]
        if len(found) != 1:
            what = "several sets are called" if found else "no set that is published is called"
            remedy = did_you_mean(given, [*current], what="sets")
            raise Failure(catalog.NOTHING_EARLIER.general(f"{what} `{given}`").help(remedy))
        names[found[0]] = None
    return [*names]


def _step(target: Path, space: Space, name: str, before: Current, to: str | None) -> Step | None:
    """The last run before the current one that published a set."""
    reached = to is not None
    for record in newest_first(target, holding=f'"{name}"'):
        made = _made(record, space, name)
        if made is None or record.run == before.run:
            reached = reached or record.run == before.run
            continue
        if reached and to in (None, record.run):
            return Step(name, before, Current.of(made, record.run), record)
    return None


def _made(record: RunRecord, space: Space, name: str) -> OutputUse | TrainingUse | None:
    """What a run published of a set in a space."""
    if record.status is not Status.SUCCEEDED or record.trial:
        return None
    if (record.target, record.location or "") != (space.target, space.location):
        return None
    made = [o for o in record.outputs if o.group == name]
    if record.training is not None and record.training.dataset == name:
        return record.training if record.training.folder is not None else None
    return made[0] if made and made[0].folder is not None else None


def _check_files(target: Path, space: Space, step: Step) -> None:
    parts = step.after.parts
    for file in (*step.after.files, *(() if parts is None else (parts.file,))):
        path = data_path(target, space, step.after, file)
        try:
            with explained(path, doing="read"):
                same = sha256(path) == file.sha256
        except FileError as error:
            raise Failure(_lost(step, str(error))) from error
        if not same:
            raise Failure(_lost(step, f"`{path.name}` has another SHA-256 than in the record"))


def _lost(step: Step, why: str) -> Diagnostic:
    message = f"what the run {step.after.run} published of `{step.set}` is not there as it was"
    return catalog.CHANGED_FILE.general(message).note(why).help("choose another run: `--to RUN`")


def _overtaken(step: Step) -> Diagnostic:
    message = f"another run published `{step.set}` meanwhile"
    return catalog.NOTHING_EARLIER.general(message).help("look again: `featc rollback --dry-run`")


def _nothing(names: Sequence[str], to: str | None) -> Diagnostic:
    shown = ", ".join(f"`{n}`" for n in names[:5])
    message = (
        f"no earlier run published {shown}" if to is None else f"the run {to} published no {shown}"
    )
    return catalog.NOTHING_EARLIER.general(message).help("`featc runs` lists what was published")
