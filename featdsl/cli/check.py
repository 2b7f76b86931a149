"""``featc check``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from featdsl.cli.options import AsJson, AsOfOption, Params
from featdsl.text.amounts import count

if TYPE_CHECKING:
    from featdsl.cli.work import Work


def check(
    context: typer.Context,
    run: Annotated[
        bool,
        typer.Option(
            "--run", help="Also try everything a run does, on 1 % of the keys, in memory."
        ),
    ] = False,
    as_of: AsOfOption = None,
    param: Params = None,
    as_json: AsJson = False,
) -> None:
    """Find the mistakes of a project.

    Syntax, names, types, time, leakage, style. Reads the texts only and writes nothing. With --run
    it goes on: test data, parameters, the sources as they are, a sample run and its checks, one
    tick a step; nothing is published.

    Examples:
        featc check
        featc check --project features/flights
        featc check --run
        featc check --json | jq '.diagnostics[].code'

    Exit status: 0 when there are no errors (warnings are none), 1 when there are, 2 when there is
    no project.
    """
    import json

    from featdsl.cli.work import compiled, errors_of, rendered

    if run:
        from featdsl.cli.check_run import check_run

        raise typer.Exit(check_run(context, param, as_of, as_json=as_json))
    work = compiled(context, param)
    found = work.diagnostics
    if as_json:
        work.screen.say(json.dumps(report(work), indent=2, ensure_ascii=False))
    else:
        if found:
            work.screen.say(rendered(work, found))
        if not errors_of(found):
            work.screen.say(*([""] if found else []), f"{work.screen.mark(True)} {contents(work)}")
    raise typer.Exit(1 if errors_of(found) else 0)


def report(work: Work) -> dict[str, Any]:
    """What `featc check --json` prints."""
    from featdsl.cli.work import errors_of
    from featdsl.diagnostics.render.json import to_json

    errors = len(errors_of(work.diagnostics))
    return {
        "ok": errors == 0,
        "errors": errors,
        "warnings": len(work.diagnostics) - errors,
        "diagnostics": to_json(work.diagnostics, work.project.readable),
    }


def contents(work: Work) -> str:
    """What a project declares, in numbers."""
    program = work.compilation.program
    parts = [
        count(len(work.project.texts.files), "file"),
        count(len(program.sources), "source"),
        count(len(program.views), "view"),
        count(len(list(program.features())), "feature")
        + f" in {count(len(program.groups), 'group')}",
        count(len(program.tests), "test"),
    ]
    return f"{program.project}: {', '.join(parts)}"
