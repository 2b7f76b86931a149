"""Running a project's own prepare script, which makes or fetches its data."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from importlib.abc import Loader
from pathlib import Path
from types import ModuleType

from pydantic import BaseModel, ConfigDict

from featdsl.diagnostics import catalog
from featdsl.diagnostics.failure import Failure
from featdsl.files.atomic import write_text_atomic
from featdsl.files.digest import sha256
from featdsl.project.load import Project

SIGNATURE = "prepare(target: Path) -> list[Path]"
RECORD = "prepare.json"


class PreparedFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    """Relative to the project where it lies in it."""
    bytes: int
    sha256: str


class PrepareRecord(BaseModel):
    """What a prepare script wrote; kept in the target folder as ``prepare.json``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    script: PreparedFile
    files: tuple[PreparedFile, ...]


def prepare_data(project: Project) -> PrepareRecord:
    """Run the script named in ``[prepare]`` with the project's data folder; record its files.

    The script is code of the project and runs with all rights of the caller.

    Raises:
        Failure: there is no script, it cannot be loaded, or it fails; one line each.
        FileError: the record cannot be written.
    """
    section = project.config.prepare
    if section is None:
        raise _failed(
            "the project names no prepare script",
            'add `[prepare]` with `module = "prepare.py"` to featc.toml, '
            f"and in that file `{SIGNATURE}`",
        )
    script = project.root / section.module
    if not script.is_file():
        raise _failed(f"there is no `{section.module}`", f"write it, with `{SIGNATURE}`")
    function = _load(script, section.module)
    files = _call(function, section.module, project.data_dir)
    described = tuple(_describe(path, project.root) for path in files)
    record = PrepareRecord(script=_describe(script, project.root), files=described)
    text = record.model_dump_json(indent=2) + "\n"
    write_text_atomic(project.target_dir / RECORD, text, within=project.root)
    return record


def _describe(path: Path, root: Path) -> PreparedFile:
    real = path.resolve()
    shown = real.relative_to(root) if real.is_relative_to(root) else real
    return PreparedFile(path=shown.as_posix(), bytes=real.stat().st_size, sha256=sha256(real))


def _load(script: Path, shown: str) -> Callable[[Path], object]:
    spec = importlib.util.spec_from_file_location("featc_project_prepare", script)
    if spec is None or spec.loader is None:
        raise _failed(f"`{shown}` is no Python file", "its name must end in `.py`")
    module, loader = importlib.util.module_from_spec(spec), spec.loader
    _guarded(shown, lambda: _execute(loader, module))
    function = getattr(module, "prepare", None)
    if not callable(function):
        raise _failed(f"`{shown}` has no function `prepare`", f"write `{SIGNATURE}` in it")
    return function  # type: ignore[no-any-return]


def _execute(loader: Loader, module: ModuleType) -> None:
    # A cache beside the script would be a file that nobody asked for.
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = before


def _call(function: Callable[[Path], object], shown: str, target: Path) -> list[Path]:
    result = _guarded(shown, lambda: function(target))
    if not isinstance(result, list) or not all(isinstance(p, Path) for p in result):
        raise _failed(f"`prepare` in `{shown}` returned no list of paths", f"write `{SIGNATURE}`")
    missing = [p for p in result if not p.is_file()]
    if missing:
        raise _failed(f"`prepare` in `{shown}` did not write `{missing[0].name}`", None)
    return result


def _guarded(shown: str, action: Callable[[], object]) -> object:
    """Run foreign code: whatever it raises becomes one line, with the place in the script."""
    try:
        return action()
    except ModuleNotFoundError as failure:
        if not str(failure).startswith("No module named"):
            raise _failed(_one_line(failure), None) from failure
        what = f"needs the package `{failure.name}`, which is not installed"
        raise _failed(f"`{shown}` {what}", f"install `{failure.name}`") from failure
    except OSError as failure:
        what = (failure.strerror or _one_line(failure)).lower()
        path = f" (`{failure.filename}`)" if failure.filename else ""
        raise _failed(f"`{shown}` failed: {what}{path}", None) from failure
    except SystemExit as failure:
        raise _failed(f"`{shown}` stopped with exit status {failure.code}", None) from failure
    except Exception as failure:
        line = _line_in(failure, shown)
        raise _failed(
            f"`{shown}` failed{line}: {type(failure).__name__}: {_one_line(failure)}",
            "`--debug` shows the whole traceback",
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


def _failed(message: str, remedy: str | None) -> Failure:
    return Failure(catalog.PREPARE_FAILED.general(message).help(remedy))
