"""How a command's failure is told: an error, its remedy, an exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

from featdsl.cli.errors import OutputClosed, Placed, UsageMistake
from featdsl.cli.screen import is_terminal, printable
from featdsl.diagnostics import catalog
from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.model import Diagnostic
from featdsl.diagnostics.suggest import nearest
from featdsl.files.errors import FileError
from featdsl.text.sources import SourceSet

FOUND, USAGE, CLOSED = 1, 2, 141
_ABOUT_THE_COMMAND_LINE = frozenset(
    {
        catalog.NO_PROJECT,
        catalog.WRONG_INSTANT,
        catalog.WRONG_PARAMETER,
        catalog.UNKNOWN_TARGET,
        catalog.UNKNOWN_CODE,
    }
)


def report(failure: BaseException, *, color: bool, debug: bool) -> int:
    """Print what went wrong on the error stream and return the exit status."""
    match failure:
        case OutputClosed():
            return CLOSED
        case Failure():
            return _diagnostics(failure.diagnostics, SourceSet(), color=color)
        case Placed():
            return _diagnostics(failure.failure.diagnostics, failure.texts, color=color)
        case UsageMistake():
            _error(failure.message, failure.remedy, color=color)
            return USAGE
        case FileError():
            _error(str(failure), failure.remedy, color=color)
            return FOUND
        case MemoryError():
            _error("there is not enough memory", "close other programs", color=color)
            return FOUND
        case OSError() if failure.strerror:
            where = f" (`{failure.filename}`)" if failure.filename else ""
            _error(f"{failure.strerror.lower()}{where}", None, color=color)
            return FOUND
    if getattr(failure, "exit_code", None) == USAGE:
        _error(*_misuse(failure), color=color)
        return USAGE
    _internal(failure, color=color, debug=debug)
    return FOUND


def _diagnostics(diagnostics: Sequence[Diagnostic], texts: SourceSet, *, color: bool) -> int:
    """Print diagnostics; the status is 2 where all are about the command line."""
    from featdsl.diagnostics.render.text import render_text

    _tell(render_text(diagnostics, texts, color=color and is_terminal(sys.stderr)))
    usage = all(d.code in _ABOUT_THE_COMMAND_LINE for d in diagnostics)
    return USAGE if usage else FOUND


def _misuse(failure: Any) -> tuple[str, str | None]:
    """A mistake that the library found: an unknown option, a missing argument."""
    context = failure.ctx
    where = context.command_path if context else "featc"
    option = getattr(failure, "option_name", None)
    if option is not None and getattr(failure, "possibilities", None) is not None:
        written = (
            {o for p in context.command.get_params(context) for o in p.opts} if context else ()
        )
        # The dashes are alike in all of them, and say nothing about nearness.
        near = nearest(option.lstrip("-"), {o.removeprefix("--") for o in written if o[:2] == "--"})
        remedy = None if near is None else f"did you mean `--{near}`?"
        return f"`{where}` has no option `{option}`", remedy or f"see `{where} --help`"
    message = " ".join(failure.format_message().split()).rstrip(".")
    # The words of the library below the library.
    message = message.replace(": Value error, ", ": ").replace(
        ": Input should be ", ": it must be "
    )
    return message[:1].lower() + message[1:], f"see `{where} --help`"


def _internal(failure: BaseException, *, color: bool, debug: bool) -> None:
    from featdsl import __version__

    what = f"{type(failure).__name__}: {failure}".partition("\n")[0]
    _error(
        f"internal compiler error: {what}",
        "this is a defect of featc, not of the project; please report it with "
        + ("the traceback above" if debug else "the output of the same command with `--debug`")
        + f" (featc {__version__}, Python {sys.version.split()[0]}, {os.name})",
        color=color,
    )


def _error(message: str, remedy: str | None, *, color: bool) -> None:
    bold, red, plain = ("\033[1m", "\033[31;1m", "\033[0m")
    if not (color and is_terminal(sys.stderr)):
        bold = red = plain = ""
    text = f"{red}error{plain}{bold}: {printable(message)}{plain}"
    _tell(text if remedy is None else f"{text}\n  help: {printable(remedy)}")


def _tell(text: str) -> None:
    sys.stdout.flush()
    print(text.rstrip("\n"), file=sys.stderr)  # noqa: T201
