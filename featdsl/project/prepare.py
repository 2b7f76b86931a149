"""Running a project's own prepare script, which makes or fetches its data."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from featdsl.diagnostics import catalog
from featdsl.diagnostics.failure import Failure
from featdsl.files.atomic import write_text_atomic
from featdsl.files.digest import sha256
from featdsl.project.foreign import execute, guarded
from featdsl.project.load import Project

SIGNATURE = "prepare(target: Path) -> list[Path]"
RECORD = "prepare.json"
_DEBUG = "`--debug` shows the whole traceback"


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
    guarded(shown, lambda: execute(loader, module), _failed, _DEBUG)
    function = getattr(module, "prepare", None)
    if not callable(function):
        raise _failed(f"`{shown}` has no function `prepare`", f"write `{SIGNATURE}` in it")
    return function  # type: ignore[no-any-return]


def _call(function: Callable[[Path], object], shown: str, target: Path) -> list[Path]:
    result = guarded(shown, lambda: function(target), _failed, _DEBUG)
    if not isinstance(result, list) or not all(isinstance(p, Path) for p in result):
        raise _failed(f"`prepare` in `{shown}` returned no list of paths", f"write `{SIGNATURE}`")
    missing = [p for p in result if not p.is_file()]
    if missing:
        raise _failed(f"`prepare` in `{shown}` did not write `{missing[0].name}`", None)
    return result


def _failed(message: str, remedy: str | None) -> Failure:
    return Failure(catalog.PREPARE_FAILED.general(message).help(remedy))
