"""``featc run --dry-run``: what a run would do."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from featdsl.cli.run_view import foresight_json, foresight_text
from featdsl.cli.work import errors_of, rendered
from featdsl.project.load import with_remedies
from featdsl.runs.ahead import look_ahead
from featdsl.runs.earlier import Earlier

if TYPE_CHECKING:
    from featdsl.cli.work import Work
    from featdsl.project.as_of import AsOf
    from featdsl.runs.grid import Asked


def tell_ahead(work: Work, asked: Asked, times: Sequence[AsOf], *, as_json: bool) -> None:
    """Tell what a run would do, for the first of several as-of times.

    Ends the command with status 1 where something would stop it.
    """
    screen, run = work.screen, asked.run(times[0])
    if run.because is not None:
        Earlier.of(run).repair(run)
    found = look_ahead(run)
    if found.diagnostics:
        told = with_remedies(work.project, found.diagnostics)
        screen.tell(rendered(work, told, err=True))
    if errors_of(found.diagnostics):
        raise typer.Exit(1)
    if as_json:
        at = [t.instant.isoformat() + "Z" for t in times]
        told_of = {**foresight_json(found), "times": at}
        screen.say(json.dumps(told_of, indent=2, ensure_ascii=False))
        return
    if len(times) > 1:
        screen.say(f"{len(times):,} as-of times; of the first:")
    screen.say(f"as of {screen.style(str(times[0]), 'bold')}")
    screen.say(*foresight_text(screen, found))
