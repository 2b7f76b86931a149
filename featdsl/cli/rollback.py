"""``featc rollback``."""

from __future__ import annotations

from typing import Annotated

import typer

from featdsl.cli.options import AsJson


def rollback(
    context: typer.Context,
    sets: Annotated[
        list[str] | None,
        typer.Argument(metavar="SET", help="Groups or data sets; none for all that is published."),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(metavar="RUN", help="The run to go back to; without it, the one before."),
    ] = None,
    because: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Why; the ledger keeps it.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Let readers find again what an earlier run published.

    All sets at once, by one transaction; nothing is computed, and nothing is removed. Files are
    compared with their hashes first. Writes pointers into the catalog, and a record.

    Examples:
        featc rollback --dry-run
        featc rollback spend --because "amounts were read in cents"
        featc rollback --to 20261001T000000000000-3f9a2c

    Exit status: 0, or 1 when there is nothing to go back to.
    """
    from featdsl.cli.screen import Screen, printable
    from featdsl.cli.settings import settings_of
    from featdsl.cli.table import table
    from featdsl.cli.work import open_project
    from featdsl.project.as_of import to_utc
    from featdsl.runs.named import run_named
    from featdsl.runs.rollback import plan_rollback, roll_back
    from featdsl.text.amounts import count

    settings = settings_of(context)
    screen, project = Screen.of(settings), open_project(settings)
    run = None if to is None else run_named(project.target_dir, to).run
    steps = plan_rollback(project, sets or (), run)
    done = None
    if not dry_run:
        done = roll_back(project, steps, because=because, now=lambda: to_utc(settings.clock()))
    if as_json and done is not None:
        screen.say(done.to_json().rstrip("\n"))
        return
    rows = [(printable(s.set), s.before.run, s.after.run, f"{s.after.rows:,}") for s in steps]
    heads = ["is", "would be"] if done is None else ["was", "is"]
    screen.say(*table(screen, ["set", *heads, "rows"], rows))
    screen.say("")
    if done is None:
        screen.say(f"would go back: {count(len(steps), 'set')}; nothing was changed")
    else:
        screen.say(f"{screen.mark(True)} {count(len(steps), 'set')} went back, entry {done.run}")
