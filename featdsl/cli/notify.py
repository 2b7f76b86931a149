"""``featc notify``."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated

import typer

from featdsl.cli.errors import UsageMistake
from featdsl.cli.options import AsJson


class Action(StrEnum):
    TEST = "test"


def notify(
    context: typer.Context,
    action: Annotated[
        Action, typer.Argument(metavar="test", help="What to do: send a message that says so.")
    ],
    channel: Annotated[
        str | None,
        typer.Argument(metavar="CHANNEL", help="One channel of the target; none for all."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Try the channels that are told of runs.

    Sends a test to the channels `[targets.NAME.notify.CHANNEL]` of featc.toml, whatever they want
    to be told of, and says what became of it. Runs nothing and writes no file.

    Examples:
        featc notify test
        featc notify test oncall --target prod
        featc notify test --json | jq '.[].why'

    Exit status: 0, or 1 when a channel could not be told.
    """
    from featdsl.cli.screen import Screen, printable
    from featdsl.cli.settings import settings_of
    from featdsl.cli.work import open_project
    from featdsl.diagnostics.failure import Failure
    from featdsl.diagnostics.suggest import did_you_mean
    from featdsl.notify.deliver import deliver
    from featdsl.runs.messages import trial_message
    from featdsl.text.amounts import show_seconds

    settings = settings_of(context)
    screen, project = Screen.of(settings), open_project(settings)
    if project.problems.has_errors:
        raise Failure(*project.problems.sorted())
    known = project.target.notify
    if channel is not None and channel not in known:
        remedy = did_you_mean(channel, known, what="channels")
        raise UsageMistake(f"the target has no channel `{channel}`", remedy or _HOW)
    chosen = {name: s for name, s in known.items() if channel in (None, name)}
    if not chosen:
        raise UsageMistake(f"the target `{project.target_name}` has no channel", _HOW)
    found = deliver(
        chosen,
        trial_message(project.config.project.name, project.target_name),
        environment=project.options.surroundings.environment,
        folder=project.root,
    )
    if as_json:
        fields = ("channel", "kind", "attempts", "seconds", "why")
        screen.say(json.dumps([{f: getattr(d, f) for f in fields} for d in found], indent=2))
    else:
        for d in found:
            said = "told" if d.why is None else printable(d.why)
            name = f"{printable(d.channel)} ({d.kind})"
            screen.say(f"{screen.mark(d.why is None)} {name}: {said}, in {show_seconds(d.seconds)}")
    raise typer.Exit(1 if any(d.why is not None for d in found) else 0)


_HOW = "add a table `[targets.NAME.notify.CHANNEL]` with `kind` to featc.toml"
