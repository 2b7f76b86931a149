"""What holds for every command: which project, which target, colour, the clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import typer

from featdsl.cli.errors import UsageMistake

_FLAGS = frozenset({"--debug", "--no-color"})
_VALUED = {"--project": "DIR", "--target": "NAME"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """``project`` is the folder asked for; None is the current one or the nearest above it.

    ``clock`` gives the present instant with its zone; nothing else in featc asks for the time.
    """

    project: Path | None
    target: str
    color: bool
    """Whether terminals may be coloured."""
    debug: bool
    clock: Callable[[], datetime]


def settings_of(context: typer.Context) -> Settings:
    settings = context.find_root().obj
    assert isinstance(settings, Settings)
    return settings


def hoist(arguments: list[str]) -> tuple[list[str], list[str]]:
    """The options that hold for every command, and all else, which begins with its name.

    So they may be written anywhere: ``featc run --project shop`` as ``featc --project shop run``.

    Raises:
        UsageMistake: one that needs a value has none.
    """
    front: list[str] = []
    rest: list[str] = []
    pending = iter(arguments)
    for argument in pending:
        if argument == "--":
            rest += [argument, *pending]
        elif argument in _FLAGS or (argument.partition("=")[0] in _VALUED and "=" in argument):
            front.append(argument)
        elif argument in _VALUED:
            front += [argument, _value(argument, pending)]
        else:
            rest.append(argument)
    return front, rest


def _value(option: str, pending: Iterator[str]) -> str:
    value = next(pending, None)
    if value is None:
        raise UsageMistake(f"`{option}` needs a value", f"write `{option} {_VALUED[option]}`")
    return value
