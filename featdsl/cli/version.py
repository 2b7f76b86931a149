"""``featc version``."""

from __future__ import annotations

import json
import platform

import typer

from featdsl.cli.options import AsJson
from featdsl.cli.screen import Screen
from featdsl.cli.settings import settings_of


def version(context: typer.Context, as_json: AsJson = False) -> None:
    """Print versions.

    Of featc and of what its results rest on. Reads and writes nothing.

    Examples:
        featc version
        featc version --json

    Exit status: 0.
    """
    from importlib.metadata import version as installed

    from featdsl import __version__

    versions = {"featc": __version__, "python": platform.python_version()}
    versions |= {name: installed(name) for name in ("duckdb", "lark", "sqlglot")}
    screen = Screen.of(settings_of(context))
    if as_json:
        screen.say(json.dumps(versions, indent=2))
    else:
        screen.say(*(f"{name:<8}{number}" for name, number in versions.items()))
