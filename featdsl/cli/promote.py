"""``featc promote``."""

from __future__ import annotations

from typing import Annotated

import typer

from featdsl.cli.options import AsJson, Because, DryRun


def promote(
    context: typer.Context,
    source: Annotated[str, typer.Argument(metavar="FROM", help="The target to take sets of.")],
    to: Annotated[str, typer.Argument(metavar="TO", help="The target that gets them.")],
    sets: Annotated[
        list[str] | None,
        typer.Argument(metavar="SET", help="Groups or data sets; none for all of FROM."),
    ] = None,
    because: Because = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Let readers of one target find what was published in another.

    The same files, compared with their hashes first: nothing is computed or copied. All sets at
    once, by one transaction. Writes pointers into the catalog, and a record; `featc --target TO
    rollback` takes it back.

    Examples:
        featc promote dev prod
        featc promote dev prod spend profile --because "reviewed in #214"
        featc promote dev prod --dry-run

    Exit status: 0, also when TO has all of it already, or 1 when nothing is published in FROM.
    """
    from dataclasses import replace

    from featdsl.cli.errors import UsageMistake
    from featdsl.cli.pointing_view import finish
    from featdsl.cli.settings import settings_of
    from featdsl.cli.work import open_project
    from featdsl.runs.pointing import plan_promotion

    if source == to:
        raise UsageMistake("FROM and TO are the same target", "`featc promote dev prod`")
    settings = settings_of(context)
    open_project(replace(settings, target=source))  # both have to be there
    project = open_project(replace(settings, target=to))
    planned = plan_promotion(project, source, to, sets or ())
    finish(context, project, planned, because=because, dry_run=dry_run, as_json=as_json)
