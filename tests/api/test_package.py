"""The package: late imports, types, docstrings, a guide that names everything."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import featdsl

ROOT = Path(__file__).parents[2]
SCRIPT = """\
from __future__ import annotations

import pandas as pd

import featdsl


def mistakes(folder: str) -> list[str]:
    project = featdsl.load(folder, params={"premium_floor": 650})
    return [f"{d.file}:{d.line} {d.code} {d.message}" for d in project.diagnostics.errors]


def churn(project: featdsl.Project, visits: pd.DataFrame) -> pd.DataFrame:
    try:
        result = project.training_set("churn", spine=visits, mature=True)
    except featdsl.FeatcError as error:
        raise SystemExit(str(error.diagnostics)) from error
    unknown: int | None = result.report.unknown
    assert unknown is not None
    frame: pd.DataFrame = result.pandas(floats=True)
    return frame


def sentences(project: featdsl.Project) -> dict[str, str]:
    feature: featdsl.Feature = project.features["trend"]
    first: featdsl.Group = project.groups[0]
    return {feature.name: feature.sentence, first.name: first.doc or ""}
"""


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = (
        "import sys; before = set(sys.modules)\n"
        "import featdsl; dir(featdsl); print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )

    loaded = set(done.stdout.split())
    assert loaded == {"featdsl"}


def test_compiling_from_python_imports_no_data_frames() -> None:
    code = (
        "import sys, featdsl\n"
        "c = featdsl.compile_text('entity customer { key id: int }')\n"
        "print(c.ok, *sorted(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )

    loaded = set(done.stdout.split())
    assert loaded & {"pandas", "numpy", "duckdb", "polars", "pyarrow"} == set()


@pytest.mark.parametrize("name", featdsl.__all__)
def test_a_public_name_is_there_and_has_a_docstring(name: str) -> None:
    found = getattr(featdsl, name)

    assert name in dir(featdsl)
    if not inspect.isclass(found) and not callable(found):
        return
    assert inspect.getdoc(found)
    public = [n for n in vars(found) if not n.startswith("_")] if inspect.isclass(found) else []
    fields = getattr(found, "__dataclass_fields__", {})
    undocumented = [n for n in public if n not in fields and not inspect.getdoc(getattr(found, n))]
    assert undocumented == []


def test_a_name_that_is_not_public_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="snapshot"):
        featdsl.snapshot  # type: ignore[attr-defined]  # noqa: B018


def test_the_guide_names_everything_public() -> None:
    guide = (ROOT / "docs" / "guides" / "python.md").read_text(encoding="utf-8")

    assert [name for name in featdsl.__all__ if name not in guide] == []


def test_a_script_of_a_user_passes_mypy_strict(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SCRIPT, encoding="utf-8")
    (tmp_path / "mypy.ini").write_text(
        "[mypy]\nstrict = True\n[mypy-featdsl.*]\nignore_errors = True\n", encoding="utf-8"
    )
    done = subprocess.run(
        [
            sys.executable, "-m", "mypy", "--config-file", "mypy.ini",
            "--cache-dir", str(ROOT / ".mypy_cache" / "script"), "script.py",
        ],
        capture_output=True, text=True, check=False, cwd=tmp_path,
        env={"MYPYPATH": str(ROOT), "PATH": ""},
    )  # fmt: skip

    assert done.stdout.startswith("Success"), done.stdout


def test_the_package_is_marked_as_typed() -> None:
    assert (ROOT / "featdsl" / "py.typed").exists()


def test_a_missing_library_is_told_with_its_extra(
    quickstart: featdsl.Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = quickstart.preview("profile")
    monkeypatch.setitem(sys.modules, "polars", None)
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    with pytest.raises(ImportError, match=r"pip install 'featdsl\[polars\]'"):
        result.polars()
    with pytest.raises(ImportError, match=r"pip install 'featdsl\[arrow\]'"):
        result.arrow()
    assert len(result.rows()) == len(result.pandas()) == 10
