"""``featc rollback``."""

from __future__ import annotations

from typing import Annotated

import typer

from featdsl.cli.options import AsJson, Because, DryRun


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
    because: Because = None,
    dry_run: DryRun = False,
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
    from featdsl.cli.pointing_view import finish
    from featdsl.cli.settings import settings_of
    from featdsl.cli.work import open_project
    from featdsl.runs.named import run_named
    from featdsl.runs.pointing import plan_rollback

    project = open_project(settings_of(context))
    run = None if to is None else run_named(project.target_dir, to).run
    planned = plan_rollback(project, sets or (), run)
    finish(context, project, planned, because=because, dry_run=dry_run, as_json=as_json)
