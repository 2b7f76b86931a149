"""Python code of a project: whatever it raises is told in one line, with the place in its file."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.abc import Loader
from pathlib import Path
from types import ModuleType
from typing import TypeAlias, TypeVar

from featdsl.diagnostics.failure import Failure

T = TypeVar("T")
Failed: TypeAlias = Callable[[str, str | None], Failure]
"""A failure of a message and a remedy."""


def execute(loader: Loader, module: ModuleType) -> None:
    """Run a module's code, and leave no file behind."""
    # A cache beside the script would be a file that nobody asked for.
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = before


def guarded(shown: str, action: Callable[[], T], failed: Failed, remedy: str | None = None) -> T:
    """Run foreign code: whatever it raises becomes one line, with the place in the script."""
    try:
        return action()
    except ModuleNotFoundError as failure:
        if not str(failure).startswith("No module named"):
            raise failed(_one_line(failure), None) from failure
        what = f"needs the package `{failure.name}`, which is not installed"
        raise failed(f"`{shown}` {what}", f"install `{failure.name}`") from failure
    except OSError as failure:
        what = (failure.strerror or _one_line(failure)).lower()
        path = f" (`{failure.filename}`)" if failure.filename else ""
        raise failed(f"`{shown}` failed: {what}{path}", None) from failure
    except SystemExit as failure:
        raise failed(f"`{shown}` stopped with exit status {failure.code}", None) from failure
    except Exception as failure:
        line = _line_in(failure, shown)
        raise failed(
            f"`{shown}` failed{line}: {type(failure).__name__}: {_one_line(failure)}",
            remedy,
        ) from failure


def _one_line(failure: BaseException) -> str:
    return " ".join(str(failure).split()) or "no message"


def _line_in(failure: BaseException, shown: str) -> str:
    """Where in the script it failed: the innermost line of the script itself."""
    step, line = failure.__traceback__, ""
    while step is not None:
        if Path(step.tb_frame.f_code.co_filename).name == Path(shown).name:
            line = f" in line {step.tb_lineno}"
        step = step.tb_next
    if isinstance(failure, SyntaxError) and failure.lineno is not None:
        return f" in line {failure.lineno}"
    return line
