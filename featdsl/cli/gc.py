"""``featc gc``."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from featdsl.cli.options import AsJson


def gc(
    context: typer.Context,
    keep: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=0,
            help="Runs of each set to keep besides what is current; without it keep_versions of "
            "featc.toml, else 30.",
        ),
    ] = None,
    days: Annotated[
        float | None,
        typer.Option(
            metavar="D",
            min=0,
            help="Remove nothing younger than so many days; without it keep_days of featc.toml, "
            "else 1.",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be removed, and remove nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Remove what was published and is not current any more.

    Never what is current in any target, or of a run under way. Of each set the newest runs stay,
    so that `featc rollback` has where to go. What runs that were stopped had computed
    goes too. Writes a record of what is removed; records of runs
    stay.

    Examples:
        featc gc --dry-run
        featc gc --keep 7 --days 30
        featc gc --json | jq '.bytes'

    Exit status: 0, or 1 when something cannot be removed.
    """
    from datetime import timedelta

    from featdsl.cli.screen import Screen, printable
    from featdsl.cli.settings import settings_of
    from featdsl.cli.table import Column, table
    from featdsl.cli.work import open_project
    from featdsl.project.as_of import to_utc
    from featdsl.runs.gc import find_old, remove_kept, remove_old
    from featdsl.text.amounts import count, show_bytes

    settings = settings_of(context)
    screen, project = Screen.of(settings), open_project(settings)
    kept, young = project.target.keep_versions, project.target.keep_days
    versions_kept = next(n for n in (keep, kept, 30) if n is not None)
    grace = timedelta(days=next(d for d in (days, young, 1) if d is not None))
    found = find_old(project, keep=versions_kept, now=to_utc(settings.clock()), grace=grace)
    if not dry_run:
        remove_kept(project, before=to_utc(settings.clock()) - grace)
    if found and not dry_run:
        remove_old(project, found, now=lambda: to_utc(settings.clock()))
    size = sum(o.bytes for o in found)
    if as_json:
        removed = [{"set": o.set, "run": o.run, "bytes": o.bytes} for o in found]
        said = {"bytes": size, "removed": [] if dry_run else removed, "found": removed}
        screen.say(json.dumps(said, indent=2))
        return
    if not found:
        screen.say(f"{screen.mark(True)} nothing is old enough to be removed")
        return
    rows = [(printable(o.set), o.run, show_bytes(o.bytes)) for o in found]
    size_of = Column("size", right=True, fixed=True)
    screen.say(*table(screen, ["set", "run", size_of], rows), "")
    versions = f"{count(len(found), 'version')}, {show_bytes(size)}"
    if dry_run:
        screen.say(f"{versions} would be removed; nothing was changed")
    else:
        screen.say(f"{screen.mark(True)} {versions} removed")
