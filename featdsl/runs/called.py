"""Rows that Python code of the project returns, in place of files."""

from __future__ import annotations

import hashlib
import importlib.abc
import importlib.util
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import replace
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

from featdsl.diagnostics import catalog
from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.model import Diagnostic, Problems
from featdsl.engines.duckdb import Session
from featdsl.engines.errors import EngineError
from featdsl.ir.program import Source
from featdsl.project.code import files_of
from featdsl.project.foreign import Failed, execute, guarded
from featdsl.runs.frames import given_frame
from featdsl.runs.given import Given, open_given
from featdsl.runs.locked import check_locked
from featdsl.runs.places import Places
from featdsl.runs.secrets import hidden
from featdsl.runs.shapes import Shape
from featdsl.runs.stored import Opened
from featdsl.sources.python import place
from featdsl.sources.spec import SourceKind
from featdsl.store.record import FileUse

_BY_ITSELF = "call the function by itself in Python, and look at what it raises or returns"


def open_called(
    session: Session, source: Source, places: Places, problems: Problems
) -> Opened | None:
    """Call a source's function, once, and fit its rows by the rules of Parquet files.

    The code is the project's, and runs with all rights of the caller. The record has the hashes of
    its file and of the project's modules that it imports. What is wrong is reported, and gives
    None.
    """

    def failed(message: str, remedy: str | None) -> Failure:
        text = hidden(message, places.secrets)
        return Failure(
            catalog.SOURCE_CODE_FAILED.at(source.location.span, text).help(remedy or _BY_ITSELF)
        )

    def check(kind: SourceKind, shape: Shape) -> bool:
        # Types of frames depend on the values: a column of ints with a null is one of floats.
        return check_locked(session, kind, source, [shape], problems, typed=False)

    file, name = place(source.location)
    shown = file.as_posix()
    try:
        code, use = _text(source, places.root, file)
        texts = {path: _bytes(places.root, path) for path in files_of(places.root, file)[1:]}
        uses = (use, *(_used(path.as_posix(), content) for path, content in texts.items()))
        with _at(places.root, {file: code, **texts}):
            function = _function(code, places.root / file, shown, name, failed)
            value = guarded(shown, lambda: _rows(function()), failed)
        given = _given(value, source, failed)
        opened = open_given(session, source, given, problems, check=check)
    except EngineError as error:
        problems.extend(failed(f"`{given.words}`: {error.detail}", None).diagnostics)
        return None
    except Failure as failure:
        problems.extend(_placed(d, source) for d in failure.diagnostics)
        return None
    return None if opened is None else replace(opened, source=source, uses=uses)


def _placed(found: Diagnostic, source: Source) -> Diagnostic:
    if found.primary is not None:
        return found
    return replace(found, primary=found.code.at(source.location.span, "").primary)


def _text(source: Source, root: Path, file: Path) -> tuple[bytes, FileUse]:
    """The code, with its hash: what is run is what is recorded."""
    path, span, shown = root / file, source.location.span, file.as_posix()
    if not path.is_file():
        found = catalog.NO_DATA_FILES.at(span, f"there is no file `{shown}`")
        raise Failure(found.help("modules start in the project's folder, where featc.toml is"))
    if not path.resolve().is_relative_to(root.resolve()):
        message = f"`{shown}` leads out of the project"
        raise Failure(catalog.OUTSIDE_ROOTS.at(span, message).help("move the code there"))
    try:
        code = path.read_bytes()
    except OSError as error:
        message = f"`{shown}` cannot be read: {(error.strerror or '').lower()}"
        raise Failure(catalog.UNREADABLE_DATA.at(span, message)) from error
    return code, _used(shown, code)


def _bytes(root: Path, path: Path) -> bytes:
    try:
        return (root / path).read_bytes()
    except OSError as error:
        message = f"`{path.as_posix()}` cannot be read: {(error.strerror or '').lower()}"
        raise Failure(catalog.UNREADABLE_DATA.general(message)) from error


def _used(shown: str, code: bytes) -> FileUse:
    return FileUse(path=shown, bytes=len(code), sha256=hashlib.sha256(code).hexdigest())


@contextmanager
def _at(root: Path, texts: Mapping[Path, bytes]) -> Iterator[None]:
    """Modules of the project can be imported; what is printed is no output of a command.

    Those of `texts` are run as they stand there: a process may have run an older text of them, and
    what Python keeps compiled beside them may be older too.
    """
    older, finder = _loaded(root, [*texts]), _Finder(root, texts)
    for name in older:
        del sys.modules[name]
    importlib.invalidate_caches()
    sys.path.insert(0, str(root))
    sys.meta_path.insert(0, finder)
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        sys.meta_path.remove(finder)
        sys.path.remove(str(root))
        for name in _loaded(root, [*texts]):
            del sys.modules[name]
        sys.modules.update(older)


def _loaded(root: Path, files: Sequence[Path]) -> dict[str, ModuleType]:
    """Modules of this process that were read from files of the project; folders of them too."""
    paths = {str(root / file) for file in files}
    folders = {".".join(folder.parts) for file in files for folder in file.parents}

    def is_own(name: str, module: ModuleType) -> bool:
        file = getattr(module, "__file__", None)
        return file in paths or (file is None and name in folders)

    return {n: m for n, m in sys.modules.items() if is_own(n, m)}


def _function(
    code: bytes, path: Path, shown: str, name: str, failed: Failed
) -> Callable[[], object]:
    spec = importlib.util.spec_from_file_location(f"featc_source_{path.stem}", path)
    assert spec is not None and spec.loader is not None, "its name ends in .py"
    module, loader = importlib.util.module_from_spec(spec), _Held(code, path)
    sys.modules[module.__name__] = module  # data classes look themselves up there
    guarded(shown, lambda: execute(loader, module), failed)
    function = getattr(module, name, None)
    if not callable(function):
        raise failed(f"`{shown}` has no function `{name}`", f"write `def {name}():` in it")
    return function  # type: ignore[no-any-return]


class _Finder(importlib.abc.MetaPathFinder):
    """Finds modules among texts that have been read."""

    def __init__(self, root: Path, texts: Mapping[Path, bytes]) -> None:
        self._root = root
        self._texts = texts

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        base = Path(*fullname.split("."))
        for file, folder in ((base / "__init__.py", base), (base.with_suffix(".py"), None)):
            if file in self._texts:
                whole = self._root / file
                return importlib.util.spec_from_file_location(
                    fullname,
                    whole,
                    loader=_Held(self._texts[file], whole),
                    submodule_search_locations=None if folder is None else [str(whole.parent)],
                )
        return None


class _Held(importlib.abc.Loader):
    """Runs code that has been read."""

    def __init__(self, code: bytes, path: Path) -> None:
        self._code = code
        self._path = path

    def exec_module(self, module: Any) -> None:
        exec(compile(self._code, str(self._path), "exec"), vars(module))


def _rows(value: object) -> object:
    """A frame as it is; dicts, which may come one by one, as a list."""
    if hasattr(value, "__arrow_c_stream__") or isinstance(value, Mapping | str | bytes):
        return value
    if hasattr(value, "__iter__") and not hasattr(value, "columns"):
        return list(value)
    return value


def _given(value: object, source: Source, failed: Failed) -> Given:
    words = f"{source.location.argument}()"
    try:
        frame = _frame(value, source) if isinstance(value, list) else value
        # Without known columns, all of them are asked for.
        return given_frame(frame, words, source.columns or None)
    except (TypeError, ValueError, ImportError) as error:
        remedy = "return a data frame of pandas or polars, an Arrow table, or a list of dicts"
        raise failed(str(error), remedy) from error


def _frame(rows: list[Any], source: Source) -> Any:
    """Dicts as a frame: a column for each key, null where a dict has none."""
    import pandas as pd

    words = f"{source.location.argument}()"
    other = next((r for r in rows if not isinstance(r, Mapping)), None)
    if other is not None:
        raise TypeError(f"{words} has a row that is no dict, but {type(other).__name__}")
    names = dict.fromkeys(n for row in rows for n in row) if rows else dict.fromkeys(source.columns)
    wrong = next((n for n in names if not isinstance(n, str)), None)
    if wrong is not None:
        raise TypeError(f"{words} has a key that is no text, but {type(wrong).__name__}")
    columns = {n: pd.Series([row.get(n) for row in rows], dtype=object) for n in names}
    return pd.DataFrame(columns)
