"""``featc doctor``."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from featdsl.cli.options import AsJson


def doctor(
    context: typer.Context,
    repair: Annotated[bool, typer.Option("--repair", help="Mend what is wrong.")] = False,
    as_json: AsJson = False,
) -> None:
    """Look what is wrong with the target, and mend it.

    A catalog that is damaged or gone, runs that died, pointers that are not up to date. With
    --repair it writes the catalog anew from the records of runs, which say all that it does, and
    removes what dead runs left; a broken catalog is kept beside it. `featc audit verify` compares
    records and files with their hashes.

    Examples:
        featc doctor
        featc doctor --repair
        featc doctor --json | jq '.[].what'

    Exit status: 0 when nothing is wrong, or all of it was mended; else 1.
    """
    from featdsl.cli.screen import Screen, printable
    from featdsl.cli.settings import settings_of
    from featdsl.cli.work import open_project
    from featdsl.runs.doctor import examine, mend

    settings = settings_of(context)
    screen, project = Screen.of(settings), open_project(settings)
    ailments = examine(project)
    done = list(mend(project, ailments)) if repair and ailments else []
    left = examine(project) if repair else ailments
    if as_json:
        found = [
            {"what": a.what, "remedy": a.remedy, "mended": a.what not in {b.what for b in left}}
            for a in ailments
        ]
        screen.say(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        for ailment in ailments:
            screen.say(f"{screen.mark(False)} {printable(ailment.what)}")
            if not repair:
                screen.say(f"  featc doctor --repair would {ailment.remedy}")
        screen.say(*(f"  {printable(said)}" for said in done))
        if not left:
            screen.say(
                f"{screen.mark(True)} {'all of it was mended' if ailments else 'all is well'}"
            )
    raise typer.Exit(1 if left else 0)
