"""A change of what is current: shown, and done where that was asked for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import typer

    from featdsl.project.load import Project
    from featdsl.runs.pointing import Change

_DONE = {"rollback": "went back", "promote": "promoted"}
_WOULD = {"rollback": "would go back", "promote": "would be promoted"}


def finish(
    context: typer.Context,
    project: Project,
    planned: Change,
    *,
    because: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Do what is planned, unless it is only to be shown, and tell it."""
    from featdsl.cli.screen import Screen, printable
    from featdsl.cli.settings import settings_of
    from featdsl.cli.table import table
    from featdsl.project.as_of import to_utc
    from featdsl.runs.pointing import apply, show_again
    from featdsl.text.amounts import count

    settings = settings_of(context)
    screen, record = Screen.of(settings), None
    if planned.steps and not dry_run:
        record = apply(project, planned, because=because, now=lambda: to_utc(settings.clock()))
    elif not dry_run:
        show_again(project, planned)
    if as_json:
        changes = [
            {
                "set": s.set,
                "before": None if s.before is None else s.before.run,
                "after": s.after.run,
            }
            for s in planned.steps
        ]
        said = {"run": None if record is None else record.run, "changes": changes}
        screen.say(json.dumps(said, indent=2))
        return
    if not planned.steps:
        screen.say(f"{screen.mark(True)} `{planned.target}` has all of it already")
        return
    rows = [
        (
            printable(s.set),
            "" if s.before is None else s.before.run,
            s.after.run,
            f"{s.after.rows:,}",
        )
        for s in planned.steps
    ]
    heads = ["is", "would be"] if record is None else ["was", "is"]
    screen.say(*table(screen, ["set", *heads, "rows"], rows), "")
    sets = count(len(rows), "set")
    if record is None:
        screen.say(f"{sets} {_WOULD[planned.kind]}; nothing was changed")
    else:
        screen.say(f"{screen.mark(True)} {sets} {_DONE[planned.kind]}, entry {record.run}")
