"""What is current, changed without computing anything: back to an earlier run, on to a target."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from featdsl.diagnostics import catalog
from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.model import Diagnostic
from featdsl.diagnostics.suggest import did_you_mean
from featdsl.files.digest import sha256
from featdsl.files.errors import FileError, explained
from featdsl.project.load import Project
from featdsl.runs.caller import caller
from featdsl.runs.failures import told
from featdsl.runs.sql_views import show_current
from featdsl.store.catalog import reading, writing
from featdsl.store.current import Current, Space, current_sets, data_path, point
from featdsl.store.history import pasts
from featdsl.store.leases import listed
from featdsl.store.ledger import append, new_run_id
from featdsl.store.record import ChangeRecord, SetChange
from featdsl.text.names import short_name

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Step:
    """A set: what is current of it, if anything is, and what would be."""

    set: str
    before: Current | None
    after: Current


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a target that is planned."""

    kind: Literal["rollback", "promote"]
    target: str
    source: str | None
    steps: tuple[Step, ...]


def plan_rollback(project: Project, sets: Sequence[str], to: str | None = None) -> Change:
    """What a rollback would do; nothing is changed.

    Args:
        project: Whose target.
        sets: Names of sets; none for all.
        to: The run to go back to, or on to; without it, for each set what was current before.

    Raises:
        Failure: a name is unknown, or there is nothing earlier whose files are as they were
            written.
    """
    target, space = project.target_dir, Space(target=project.target_name)
    with told():
        current, past = current_sets(target, space), pasts(target, space)
        names = _names(current, sets)
        steps = []
        for name in names:
            known = past.sets[name]
            there = [r for r in known.line[:-1] if (r, name) in past.made]
            run = there[-1] if to is None and there else to
            after = past.made.get((run or "", name)) if run in known.ever else None
            if after is not None and after != current[name]:
                steps.append(Step(name, current[name], after))
        if not steps:
            raise Failure(_nothing(names, to))
        _check_files(target, steps)
        with reading(target) as connection:
            if connection is not None:
                _check_free(connection, target, space, steps)
    return Change("rollback", space.target, None, tuple(steps))


Selected = Callable[[str], Mapping[str, Sequence[str]]]
"""Full names of groups that a selector selects, with the columns of theirs; empty for none."""


def plan_promotion(
    project: Project, source: str, to: str, sets: Sequence[str], selected: Selected
) -> Change:
    """What a promotion would do: sets of one target become those of another, as they are.

    Args:
        project: It has both targets, in one place.
        source: The target to take sets of.
        to: The target that gets them.
        sets: Names of published sets, or selectors; none for all sets.
        selected: What a selector selects.

    Raises:
        Failure: nothing is published in `source`, a name is unknown, a selector selects what is
            not published there, files are not as they were written, or a run writes one of the
            sets.
    """
    target = project.target_dir
    with told():
        current = current_sets(target, Space(target=source))
        there = current_sets(target, Space(target=to))
        steps = [
            Step(name, there.get(name), current[name])
            for name in _promoted(current, sets, selected, source)
            if there.get(name) != current[name]
        ]
        _check_files(target, steps)
        with reading(target) as connection:
            if connection is not None:
                _check_free(connection, target, Space(target=to), steps)
    return Change("promote", to, source, tuple(steps))


def _promoted(
    current: Mapping[str, Current], given: Sequence[str], selected: Selected, source: str
) -> list[str]:
    """Full names of the sets that are asked for: all of what is selected, or a failure."""
    names: dict[str, None] = {}
    for text in given:
        wanted = {} if not current or _called(current, text) else selected(text)
        lacking = [
            name
            for name, columns in wanted.items()
            if name not in current or {*columns} - {c.name for c in current[name].columns}
        ]
        if lacking:
            raise Failure(_incomplete(text, lacking, wanted, current, source))
        names.update(dict.fromkeys(wanted or _names(current, [text])))
    return [*names] if given else _names(current, ())


def _incomplete(
    text: str,
    lacking: Sequence[str],
    wanted: Mapping[str, Sequence[str]],
    current: Mapping[str, Current],
    source: str,
) -> Diagnostic:
    shown = ", ".join(f"`{n}`" for n in lacking[:_SHOWN])
    message = f"`{text}` selects what is not published in `{source}`: {shown}"
    found = catalog.INCOMPLETE_PROMOTION.general(message)
    for name in lacking[:_SHOWN]:
        known = {c.name for c in current[name].columns} if name in current else set()
        missing = [c for c in wanted[name] if c not in known]
        if name in current:
            found = found.note(f"`{name}` is published without {', '.join(missing[:_SHOWN])}")
    return found.help(f"publish it first: `featc run --target {source}`")


def apply(
    project: Project, change: Change, *, because: str | None, now: Callable[[], datetime]
) -> ChangeRecord:
    """Do it: all sets at once. What was current stays where it is.

    Raises:
        Failure: the catalog cannot be written, or something else was published meanwhile.
    """
    target, space, begun = project.target_dir, Space(target=change.target), now()
    record = ChangeRecord(
        run=new_run_id(begun),
        kind=change.kind,
        project=project.config.project.name,
        target=change.target,
        source=change.source,
        caller=caller(),
        started=begun,
        because=because,
        changes=tuple(
            SetChange(
                set=s.set, before=None if s.before is None else s.before.run, after=s.after.run
            )
            for s in change.steps
        ),
    )
    with told():
        with writing(target) as connection:
            found = _pointers(connection, space)
            taken = Space(target=change.source) if change.source is not None else None
            source = {} if taken is None else _pointers(connection, taken)
            for step in change.steps:
                moved = taken is not None and source.get(step.set) != step.after
                if moved or found.get(step.set) != step.before:
                    raise Failure(_overtaken(step, change))
            _check_free(connection, target, space, change.steps)
            appended = append(connection, target, record)
            for step in change.steps:
                point(connection, space, step.set, appended.use.entry, step.after)
        show_current(target, target, space)
    return appended.record


def show_again(project: Project, change: Change) -> None:
    """Tell readers of files what is current: who did all of it before may have died before that.

    Raises:
        Failure: a file cannot be written.
    """
    target = project.target_dir
    with told():
        show_current(target, target, Space(target=change.target))


def _called(current: Mapping[str, Current], given: str) -> list[str]:
    """Sets that go by a name."""
    return [n for n in current if given in (n, short_name(n))]


def _check_free(
    connection: sqlite3.Connection, target: Path, space: Space, steps: Iterable[Step]
) -> None:
    """See that no run writes what is to be changed: it would take the change back unseen.

    Raises:
        Failure: one does. Nobody waits for it: it may take hours.
    """
    names = {s.set for s in steps}
    for run in listed(connection):
        taken = sorted(names & run.sets.keys()) if run.space == space else []
        if taken and run.alive(target):
            said = ", ".join(f"{k} {v}" for k, v in run.owner.items())
            message = f"a run is writing `{taken[0]}` in `{space.target}`"
            raise Failure(
                catalog.TARGET_LOCKED.general(message)
                .note(f"it is {said}")
                .help("`featc status` shows it: try again when it is over")
            )


def _names(current: Mapping[str, Current], sets: Sequence[str]) -> list[str]:
    """Full names of sets that are current."""
    if not current:
        message = "nothing is published in this target"
        raise Failure(catalog.NOTHING_EARLIER.general(message).help("publish first: `featc run`"))
    names: dict[str, None] = {}
    for given in sets or current:
        found = _called(current, given)
        if len(found) != 1:
            what = "several sets are called" if found else "no set that is published is called"
            remedy = did_you_mean(given, [*current], what="sets")
            raise Failure(catalog.NOTHING_EARLIER.general(f"{what} `{given}`").help(remedy))
        names[found[0]] = None
    return [*names]


def _pointers(connection: sqlite3.Connection, space: Space) -> dict[str, Current]:
    """What is current of a space, as a transaction sees it."""
    rows = connection.execute(
        "SELECT name, pointer FROM current WHERE target = ? AND location = ?",
        (space.target, space.location),
    )
    return {name: Current.model_validate_json(pointer) for name, pointer in rows}


def _check_files(target: Path, steps: Iterable[Step]) -> None:
    """Compare the files that would be current with their hashes."""
    for step in steps:
        parts = step.after.parts
        for file in (*step.after.files, *(() if parts is None else (parts.file,))):
            path = data_path(target, Space(target=""), step.after, file)
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


def _overtaken(step: Step, change: Change) -> Diagnostic:
    message = f"another run published `{step.set}` meanwhile"
    command = f"featc {change.kind} … --dry-run"
    return catalog.NOTHING_EARLIER.general(message).help(f"look again: `{command}`")


def _nothing(names: Sequence[str], to: str | None) -> Diagnostic:
    shown = ", ".join(f"`{n}`" for n in names[:_SHOWN])
    message = (
        f"no earlier run published {shown}" if to is None else f"the run {to} published no {shown}"
    )
    return catalog.NOTHING_EARLIER.general(message).help("`featc runs` lists what was published")
