"""The list of commands, in the order of the help."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from featdsl.cli.help import Command, Group
from featdsl.cli.settings import Settings

START, WRITE, RUN, OPERATE, KNOW = "Start", "Write", "Run", "Operate", "Know"
COMMANDS = {
    **dict.fromkeys(("init", "demo", "prepare"), START),
    **dict.fromkeys(("lock", "check", "fmt", "test", "selftest"), WRITE),
    **dict.fromkeys(("preview", "run", "train", "get", "compile"), RUN),
    **dict.fromkeys(
        (
            "plan",
            "impact",
            "status",
            "runs",
            "history",
            "reproduce",
            "promote",
            "rollback",
            "notify",
            "audit",
            "doctor",
            "gc",
        ),
        OPERATE,
    ),
    **dict.fromkeys(("show", "lineage", "docs", "export", "explain", "version"), KNOW),
}
FUNCTIONS = {"compile": "compile_command"}


def build(clock: Callable[[], datetime], *, color: bool, only: str | None = None) -> typer.Typer:
    """Return the application; `color` says whether terminals may be coloured.

    With the name of a command as `only` it has no other: setting up all takes its time.
    """
    app = typer.Typer(
        cls=Group,
        name="featc",
        no_args_is_help=False,
        invoke_without_command=True,
        add_completion=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["--help", "-h"]},
    )

    @app.callback()
    def featc(
        context: typer.Context,
        project: Annotated[
            Path | None,
            typer.Option(
                metavar="DIR", help="The project; without it, the nearest featc.toml upwards."
            ),
        ] = None,
        target: Annotated[
            str, typer.Option(metavar="NAME", help="A target of featc.toml; without it, dev.")
        ] = "dev",
        version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
        no_color: Annotated[
            bool, typer.Option("--no-color", help="No colours; NO_COLOR=1 says the same.")
        ] = False,
        debug: Annotated[
            bool, typer.Option("--debug", help="Show the traceback of a failure.")
        ] = False,
    ) -> None:
        """Features in .feat files: checked, explained, point-in-time correct.

        Exit status: 0 when all is well, 1 when something was found or failed, 2 when the command
        line is wrong, 130 when interrupted. `featc COMMAND --help` has examples.
        """
        context.obj = Settings(
            project=project,
            target=target,
            color=color and not no_color,
            debug=debug,
            clock=clock,
        )
        if context.invoked_subcommand is None:
            typer.echo(_version() if version else context.get_help(), color=context.color)

    for name, function, heading in commands(only if only in COMMANDS else None):
        app.command(name, cls=Command, rich_help_panel=heading)(function)
    return app


def commands(only: str | None = None) -> list[tuple[str, Callable[..., Any], str]]:
    """Name, function and heading of each command, or of one; no other is imported."""
    return [(n, _function(n), heading) for n, heading in COMMANDS.items() if only in (None, n)]


def _function(name: str) -> Callable[..., Any]:
    """What a command does: a function of its module, in `featdsl.cli`."""
    module = import_module(f"featdsl.cli.{name}")
    # Python has a function `compile`.
    function: Callable[..., Any] = getattr(module, FUNCTIONS.get(name, name))
    return function


def _version() -> str:
    from featdsl import __version__

    return f"featc {__version__}"
