"""The list of commands, in the order of the help."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from featdsl.cli.help import Command, Group
from featdsl.cli.settings import Settings

START, WRITE, RUN, KNOW = "Start", "Write", "Run", "Know"


def build(clock: Callable[[], datetime], *, color: bool) -> typer.Typer:
    """Return the application; `color` says whether terminals may be coloured."""
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

    for name, function, heading in commands():
        app.command(name, cls=Command, rich_help_panel=heading)(function)
    return app


def commands() -> list[tuple[str, Callable[..., Any], str]]:
    """Name, function and heading of each command."""
    from featdsl.cli.check import check
    from featdsl.cli.compile import compile_command
    from featdsl.cli.demo import demo
    from featdsl.cli.docs import docs
    from featdsl.cli.explain import explain
    from featdsl.cli.fmt import fmt
    from featdsl.cli.get import get
    from featdsl.cli.init import init
    from featdsl.cli.lineage import lineage
    from featdsl.cli.lock import lock
    from featdsl.cli.prepare import prepare
    from featdsl.cli.preview import preview
    from featdsl.cli.run import run
    from featdsl.cli.selftest import selftest
    from featdsl.cli.show import show
    from featdsl.cli.test import test
    from featdsl.cli.train import train
    from featdsl.cli.version import version

    return [
        ("init", init, START),
        ("demo", demo, START),
        ("prepare", prepare, START),
        ("lock", lock, WRITE),
        ("check", check, WRITE),
        ("fmt", fmt, WRITE),
        ("test", test, WRITE),
        ("selftest", selftest, WRITE),
        ("preview", preview, RUN),
        ("run", run, RUN),
        ("train", train, RUN),
        ("get", get, RUN),
        ("compile", compile_command, RUN),
        ("show", show, KNOW),
        ("lineage", lineage, KNOW),
        ("docs", docs, KNOW),
        ("explain", explain, KNOW),
        ("version", version, KNOW),
    ]


def _version() -> str:
    from featdsl import __version__

    return f"featc {__version__}"
