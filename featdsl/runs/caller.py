"""Who asks for a run."""

from __future__ import annotations

import getpass
import os
import platform
from collections.abc import Sequence

from featdsl.ir.program import Program
from featdsl.ir.text import HIDDEN
from featdsl.project.command import COMMAND
from featdsl.store.record import Caller


def caller(program: Program | None = None) -> Caller:
    """The caller as a record has it; values of the program's secret parameters are hidden."""
    secret = {p.name for p in program.params.values() if p.secret} if program else set()
    return Caller(
        user=_user(),
        host=platform.node(),
        process=os.getpid(),
        command=tuple(_hidden(COMMAND.get(), secret)),
    )


def _user() -> str:
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):  # one without a name, as in some containers
        return str(os.getuid()) if hasattr(os, "getuid") else ""


def _hidden(command: Sequence[str], secret: set[str]) -> list[str]:
    """A command line without values of secret parameters, however short they are."""
    shown = []
    for word in command:
        option, is_param, rest = word.partition("--param=")
        name, given, _ = (rest if is_param and not option else word).partition("=")
        hides = bool(given) and name.rpartition(".")[2] in {s.rpartition(".")[2] for s in secret}
        start = "--param=" if is_param and not option else ""
        shown.append(f"{start}{name}={HIDDEN}" if hides else word)
    return shown
