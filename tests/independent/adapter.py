"""Where these tests meet the compiler: the values that a project gives at a time, by running it."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import shutil
import tempfile
import tomllib
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.independent.compare import Values

PROJECTS = Path(__file__).resolve().parents[2] / "features"
KEYS = (
    *("customer_id", "carrier", "tailnum", "origin", "dest"),
    *("household_id", "store_id", "product_id", "department"),
)


def copy_project(name: str, folder: Path, *, prepared: Path | None = None) -> Path:
    """Copy a reference project and make its data, or copy those of a prepared one."""
    project = folder / name
    ignored = shutil.ignore_patterns("data", "target", "__pycache__")
    shutil.copytree(PROJECTS / name, project, ignore=ignored)
    settings = tomllib.loads((project / "featc.toml").read_text(encoding="utf-8"))
    data = settings["project"]["data_dir"]
    if prepared is not None:
        shutil.copytree(prepared / data, project / data)
    else:
        script(project, "prepare").prepare(project / data)
    return project


def script(project: Path, name: str) -> ModuleType:
    """A Python file of a project, as a module."""
    spec = importlib.util.spec_from_file_location(f"{project.name}_{name}", project / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def featc_values(project: Path, t: datetime, *, out: Path | None = None) -> Values:
    """What `featc run` publishes for t: group, key (a tuple of several), feature, value.

    Below `out` where it is named, else in a folder that goes away.
    """
    with tempfile.TemporaryDirectory() as passing:
        folder = out or Path(passing)
        arguments = ["--as-of", t.isoformat(), "--out", str(folder), "--format", "parquet"]
        _featc(project, "run", *arguments)
        return {name.rpartition(".")[2]: _read(path) for name, path in _published(folder).items()}


def training_rows(project: Path, dataset: str, *options: str) -> list[dict[str, Any]]:
    """What `featc train` publishes below the project's target, in order."""
    _featc(project, "train", dataset, *options)
    return _rows(_published(project / "target")[dataset])


def _featc(project: Path, *arguments: str) -> None:
    from featdsl.cli.main import run

    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        status = run(["--project", str(project), *arguments])
    assert status == 0, said.getvalue()


def _published(folder: Path) -> dict[str, Path]:
    """The files that are current, by the names of sets."""
    pointers = json.loads((folder / "current" / "dev.json").read_text(encoding="utf-8"))
    return {
        name: folder / "data" / found["folder"] / found["files"][0]["path"]
        for name, found in pointers["sets"].items()
    }


def _rows(path: Path) -> list[dict[str, Any]]:
    import duckdb

    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        result = connection.execute("from read_parquet(?)", [str(path)])
        names = [column[0] for column in result.description or ()]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _read(path: Path) -> dict[Any, dict[str, Any]]:
    values = {}
    for row in _rows(path):
        row.pop("as_of", None)
        parts = tuple(row.pop(name) for name in KEYS if name in row)
        key = parts if len(parts) > 1 else parts[0]
        assert key not in values, (path.stem, key)
        values[key] = row
    return values
