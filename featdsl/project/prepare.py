"""Running a project's own prepare script, which makes or fetches its data."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from featdsl.diagnostics import catalog
from featdsl.project.errors import ProjectError
from featdsl.project.load import Project

_SIGNATURE = "prepare(target: Path) -> list[Path]"


@dataclass(frozen=True, slots=True)
class Prepared:
    """The files that the script says it wrote; their paths are absolute."""

    script: Path
    files: tuple[Path, ...]


def prepare_data(project: Project) -> Prepared:
    """Run the script named in ``[prepare]`` with the project's data folder.

    The script is code of the project and runs with all rights of the caller.

    Raises:
        ProjectError: there is no script, it cannot be loaded, or it fails; one line each.
    """
    section = project.config.prepare
    if section is None:
        raise _failed(
            "the project names no prepare script",
            'add `[prepare]` with `module = "prepare.py"` to featc.toml, '
            f"and in that file `{_SIGNATURE}`",
        )
    script = project.root / section.module
    if not script.is_file():
        raise _failed(f"there is no `{section.module}`", f"write it, with `{_SIGNATURE}`")
    files = _call(_load(script, section.module), section.module, project.data_dir)
    return Prepared(script, files)


def _load(script: Path, shown: str) -> Callable[[Path], object]:
    spec = importlib.util.spec_from_file_location("featc_project_prepare", script)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    _guarded(shown, lambda: _execute(spec.loader, module))
    function = getattr(module, "prepare", None)
    if not callable(function):
        raise _failed(f"`{shown}` has no function `prepare`", f"write `{_SIGNATURE}` in it")
    return function  # type: ignore[no-any-return]


def _execute(loader: object, module: ModuleType) -> None:
    # A cache beside the script would be a file that nobody asked for.
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        loader.exec_module(module)  # type: ignore[attr-defined]
    finally:
        sys.dont_write_bytecode = before


def _call(function: Callable[[Path], object], shown: str, target: Path) -> tuple[Path, ...]:
    result = _guarded(shown, lambda: function(target))
    if not isinstance(result, list | tuple) or not all(isinstance(p, Path) for p in result):
        raise _failed(f"`prepare` in `{shown}` returned no list of paths", f"write `{_SIGNATURE}`")
    missing = [p for p in result if not p.exists()]
    if missing:
        raise _failed(f"`prepare` in `{shown}` did not write `{missing[0].name}`", None)
    return tuple(p.absolute() for p in result)


def _guarded(shown: str, action: Callable[[], object]) -> object:
    """Run foreign code: whatever it raises becomes one line, with the place in the script."""
    try:
        return action()
    except ModuleNotFoundError as failure:
        if str(failure).startswith("No module named"):
            what = f"needs the package `{failure.name}`, which is not installed"
            raise _failed(f"`{shown}` {what}", f"install `{failure.name}`") from failure
        raise _failed(f"`{shown}` failed: {failure}", None) from failure
    except OSError as failure:
        what = f"{failure.strerror or failure}".lower()
        path = f" (`{failure.filename}`)" if failure.filename else ""
        raise _failed(f"`{shown}` failed: {what}{path}", None) from failure
    except SystemExit as failure:
        raise _failed(f"`{shown}` stopped with exit status {failure.code}", None) from failure
    except Exception as failure:
        what = " ".join(str(failure).split()) or "no message"
        line = _line_in(failure, shown)
        kind = type(failure).__name__
        raise _failed(
            f"`{shown}` failed{line}: {kind}: {what}", "`--debug` shows the whole traceback"
        ) from failure


def _line_in(failure: BaseException, shown: str) -> str:
    step, line = failure.__traceback__, ""
    name = Path(shown).name
    while step is not None:
        if Path(step.tb_frame.f_code.co_filename).name == name:
            line = f" in line {step.tb_lineno}"
        step = step.tb_next
    return line


def _failed(message: str, remedy: str | None) -> ProjectError:
    return ProjectError(catalog.PREPARE_FAILED.general(message).help(remedy))
