"""``featc promote``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from featdsl.cli.options import AsJson, Because, DryRun

if TYPE_CHECKING:
    from featdsl.cli.settings import Settings
    from featdsl.diagnostics.model import Diagnostic
    from featdsl.project.load import Project


def promote(
    context: typer.Context,
    source: Annotated[str, typer.Argument(metavar="FROM", help="The target to take sets of.")],
    to: Annotated[str, typer.Argument(metavar="TO", help="The target that gets them.")],
    sets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SET|SELECTOR",
            help="Groups, data sets, or selectors of features; none for all of FROM.",
        ),
    ] = None,
    because: Because = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Let readers of one target find what was published in another.

    The same files, compared with their hashes first: nothing is computed or copied. All sets at
    once, by one transaction: with a selector, the groups of all features that it selects, which
    have to be published in FROM. While a run writes one of the sets in TO, nothing is promoted.
    Writes pointers into the catalog, and a record; `featc --target TO rollback` takes it back.

    Examples:
        featc promote dev prod
        featc promote dev prod spend profile --because "reviewed in #214"
        featc promote dev prod tag:retail --dry-run

    Exit status: 0, also when TO has all of it already, or 1 when nothing, or not all of it,
    is published in FROM, or a run is writing it in TO.
    """
    from dataclasses import replace
    from functools import partial

    from featdsl.cli.errors import UsageMistake
    from featdsl.cli.pointing_view import finish
    from featdsl.cli.settings import settings_of
    from featdsl.cli.work import open_project
    from featdsl.diagnostics.failure import Failure
    from featdsl.runs.pointing import plan_promotion

    if source == to:
        raise UsageMistake("FROM and TO are the same target", "`featc promote dev prod`")
    settings = settings_of(context)
    origin = open_project(replace(settings, target=source))
    project = open_project(replace(settings, target=to))
    if origin.target_dir != project.target_dir:
        raise Failure(_apart(source, to))
    planned = plan_promotion(project, source, to, sets or (), partial(_selected, settings, origin))
    finish(context, project, planned, because=because, dry_run=dry_run, as_json=as_json)


def _selected(settings: Settings, project: Project, selector: str) -> dict[str, tuple[str, ...]]:
    """Groups of the features that a selector selects, with their columns; private ones are none."""
    from featdsl.cli.work import compile_loaded, without_errors
    from featdsl.diagnostics import catalog
    from featdsl.diagnostics.failure import Failure
    from featdsl.project.selectors import select
    from featdsl.runs.outputs import wanted_groups

    program = without_errors(compile_loaded(settings, project)).compilation.program
    try:
        chosen = frozenset(select(program, [selector]))
    except Failure as failure:
        if failure.diagnostics[0].code is catalog.NO_MATCH:
            return {}  # of what is no name of a set either, the message says more
        raise
    found = {
        w.group.name: tuple(f.short for f in w.features if f.name in chosen)
        for w in wanted_groups(program, ())
    }
    return {name: columns for name, columns in found.items() if columns}


def _apart(source: str, to: str) -> Diagnostic:
    from featdsl.diagnostics import catalog

    message = f"`{source}` and `{to}` have locations of their own: pointers cannot lead across"
    return catalog.TARGETS_APART.general(message).help(
        f"give them one `location`, or publish there: `featc run --target {to}`"
    )
