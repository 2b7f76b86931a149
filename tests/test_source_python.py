"""Rows that Python code of the project returns: when it runs, what it may return, what is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from featdsl.api import project as projects
from featdsl.api.errors import RunError
from featdsl.compiler.pipeline import compile_project
from featdsl.diagnostics.render.text import render_text
from featdsl.files.digest import sha256
from featdsl.project.code import files_of
from featdsl.project.load import load_project
from tests.support.shop import codes, published, run, shop, told

DICTS = """
from datetime import datetime
from decimal import Decimal

def orders():
    yield dict(order_id=1, customer_id=1, ordered_at=datetime(2026, 1, 10), amount=Decimal("10.25"))
    yield dict(order_id=2, customer_id=1, ordered_at=datetime(2026, 1, 20), amount=Decimal("20.50"),
               status="paid", more="not declared")
    yield dict(order_id=3, customer_id=2, ordered_at=datetime(2026, 1, 25), amount=None)
"""
FRAME = """
    data = {
        "order_id": [1, 2, 3],
        "customer_id": [1, 1, 2],
        "ordered_at": [datetime(2026, 1, day) for day in (10, 20, 25)],
        "amount": [Decimal("10.25"), Decimal("20.50"), None],
        "status": ["paid", None, "open"],
    }
"""
HEAD = "from datetime import datetime\nfrom decimal import Decimal\n"
PANDAS = f"{HEAD}import pandas as pd\ndef orders():{FRAME}    return pd.DataFrame(data)\n"
POLARS = f"{HEAD}import polars as pl\ndef orders():{FRAME}    return pl.DataFrame(data)\n"
ARROW = f"{HEAD}import pyarrow as pa\ndef orders():{FRAME}    return pa.table(data)\n"


def python_shop(folder: Path, code: str, location: str = "load:orders", **more: str):
    (folder / "load.py").write_text(code, encoding="utf-8")
    return shop(folder, location=f'python "{location}"', data={}, **more)


@pytest.mark.parametrize("code", [DICTS, PANDAS, POLARS, ARROW], ids=["dicts", "pd", "pl", "pa"])
def test_rows_of_a_function_are_read_and_its_file_is_hashed(tmp_path: Path, code: str) -> None:
    project = python_shop(tmp_path, code)

    outcome = run(project)

    assert codes(outcome) == []
    rows = published(project).rows
    assert [(k, str(spend), n) for k, spend, n in rows] == [(1, "30.75", 2), (2, "None", 1)]
    (used,) = outcome.record.inputs
    assert (used.kind, used.location, used.rows) == ("python", "load:orders", 3)
    digest = sha256(tmp_path / "load.py")
    assert [(f.path, f.sha256) for f in used.files] == [("load.py", digest)]
    assert not (tmp_path / "__pycache__").exists()


def test_the_code_is_called_once_a_run_and_by_no_command_that_reads_no_data(
    tmp_path: Path,
) -> None:
    called = (
        "from pathlib import Path\n"
        "with (Path(__file__).parent / 'loaded').open('a') as file:\n    file.write('x')\n"
    )
    project = python_shop(tmp_path, called + DICTS)

    assert compile_project(project.texts, project.options).ok
    projects.load(tmp_path).sql("spend", source_schema="raw")
    assert not (tmp_path / "loaded").exists()

    assert codes(run(project)) == []
    assert (tmp_path / "loaded").read_text() == "x"


def test_code_that_was_corrected_is_read_again_and_may_import_its_neighbours(
    tmp_path: Path,
) -> None:
    assert codes(run(python_shop(tmp_path, "def orders():\n    return []\n"))) == ["FD0717"]
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "bought.py").write_text(DICTS, encoding="utf-8")

    project = python_shop(tmp_path, "from parts.bought import orders\n")

    assert codes(run(project)) == []
    assert len(published(project).rows) == 2


def test_a_module_in_a_folder_is_named_with_dots(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "made.py").write_text(DICTS, encoding="utf-8")

    assert codes(run(python_shop(tmp_path, "", "parts.made:orders"))) == []


def test_a_value_that_does_not_fit_is_told_with_its_row(tmp_path: Path) -> None:
    project = python_shop(tmp_path, DICTS.replace("10.25", "10.255"))

    outcome = run(project)

    assert codes(outcome) == ["FD0707"]
    assert "row 1 of load:orders()" in told(outcome, project)


def test_a_column_that_is_missing_is_told(tmp_path: Path) -> None:
    project = python_shop(tmp_path, PANDAS.replace('"status"', '"state"'))

    outcome = run(project)

    assert codes(outcome) == ["FD0705"]
    assert "`load:orders()` has 5 columns" in told(outcome, project)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("def orders():\n    return 1 / 0\n", "failed in line 2: ZeroDivisionError"),
        ("def orders(:\n", "failed in line 1: SyntaxError"),
        ("import missing_package\n", "needs the package `missing_package`"),
        ("def other():\n    pass\n", "`load.py` has no function `orders`"),
        ("orders = 1\n", "`load.py` has no function `orders`"),
        ("def orders():\n    return None\n", "load:orders() must be a data frame"),
        ("def orders():\n    return 'rows'\n", "load:orders() must be a data frame"),
        ("def orders():\n    return [1]\n", "load:orders() has a row that is no dict, but int"),
        ("def orders():\n    return [{1: 2}]\n", "has a key that is no text, but int"),
        ("def orders():\n    raise SystemExit(3)\n", "stopped with exit status 3"),
    ],
)
def test_code_that_gives_no_rows_is_told_at_the_source(
    tmp_path: Path, code: str, message: str
) -> None:
    project = python_shop(tmp_path, code)

    outcome = run(project)

    assert codes(outcome) == ["FD0733"]
    text = told(outcome, project)
    assert message in text
    assert "| " in text and 'python "load:orders"' in text


def test_a_column_that_no_engine_reads_is_told_at_the_source(tmp_path: Path) -> None:
    project = python_shop(tmp_path, PANDAS.replace('"paid", None, "open"', "1, 'a', object()"))

    outcome = run(project)

    assert codes(outcome) == ["FD0706"]
    assert 'python "load:orders"' in told(outcome, project)


def test_a_secret_is_not_shown_in_what_code_says(tmp_path: Path) -> None:
    code = "def orders():\n    raise ValueError('no access with hunter2000')\n"
    project = python_shop(tmp_path, code)
    text = (tmp_path / "shop.feat").read_text(encoding="utf-8")
    secret = text.replace(
        "entity customer {", 'secret param key: text = "hunter2000"\nentity customer {', 1
    )
    project = shop(tmp_path, text=secret, data={})

    told_text = told(run(project), project)

    assert "ValueError: no access with ***" in told_text.replace("********", "***")


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    project = python_shop(tmp_path, "", "lod:orders")

    outcome = run(project)

    assert codes(outcome) == ["FD0701"]
    assert "there is no file `lod.py`" in told(outcome, project)


def test_a_file_outside_the_project_is_not_run(tmp_path: Path) -> None:
    (tmp_path / "out.py").write_text(DICTS, encoding="utf-8")
    inner = tmp_path / "project"
    inner.mkdir()
    project = python_shop(inner, "")
    (inner / "load.py").unlink()
    (inner / "load.py").symlink_to(tmp_path / "out.py")

    assert codes(run(project)) == ["FD0704"]


@pytest.mark.parametrize("written", ["load", "load.py:orders()", "../load:orders", "load:a.b", ""])
def test_what_names_no_function_is_an_error_of_the_text(tmp_path: Path, written: str) -> None:
    project = python_shop(tmp_path, "", written)

    compilation = compile_project(project.texts, project.options)

    assert [d.code.id for d in compilation.diagnostics if d.severity == "error"] == ["FD0309"]
    assert "`module:function` is needed" in render_text(compilation.diagnostics, project.readable)


def test_no_sql_to_embed_can_read_the_rows(tmp_path: Path) -> None:
    python_shop(tmp_path, DICTS)
    loaded = projects.load(tmp_path)

    with pytest.raises(RunError) as caught:
        loaded.sql("spend")

    assert "FD0501" in str(caught.value)
    assert "no SQL of `shop.spend` can read the rows of `orders`" in str(caught.value)
    embedded = loaded.sql("spend", source_schema="raw")
    assert "-- reads the tables of the schema raw: orders;" in embedded
    assert "python" not in embedded


def test_no_sql_of_a_training_set_can_read_a_spine_from_code(tmp_path: Path) -> None:
    code = DICTS + "\ndef asked():\n    return orders()\n"
    python_shop(tmp_path, code)
    text = (tmp_path / "shop.feat").read_text(encoding="utf-8")
    spine = """
source asked {
  from python "load:asked"
  key order_id
  time ordered_at
  entity customer
  columns { order_id: int required  customer_id: int required  ordered_at: timestamp required }
}

dataset training for customer {
  spine asked at ordered_at
  include spend.*
}
"""
    paid = text.replace('python "load:orders"', 'parquet "orders.parquet"')
    (tmp_path / "shop.feat").write_text(paid + spine, encoding="utf-8")

    with pytest.raises(RunError) as caught:
        projects.load(tmp_path).sql("training")

    assert "no SQL of `shop.training` can read the rows of `asked`" in str(caught.value)


def fingerprints(folder: Path) -> list[str]:
    project = load_project(folder)
    manifest = compile_project(project.texts, project.options).manifest()
    return [f.fingerprint for f in manifest.features]


def test_a_feature_means_something_else_once_its_code_does(tmp_path: Path) -> None:
    python_shop(tmp_path, DICTS)
    before = fingerprints(tmp_path)

    (tmp_path / "load.py").write_text(DICTS.replace("\n", "  \r\n") + "\n\n", newline="")
    blanks = fingerprints(tmp_path)
    (tmp_path / "load.py").write_text(DICTS.replace("10.25", "11.25"))
    changed = fingerprints(tmp_path)
    (tmp_path / "load.py").unlink()

    assert blanks == before
    assert all(a != b for a, b in zip(before, changed, strict=True))
    assert len(fingerprints(tmp_path)) == len(before)


GIVE = "orders = made.orders\n"


@pytest.mark.parametrize(
    ("load", "files"),
    [
        (f"import made\n{GIVE}", {"made.py": DICTS}),
        ("from made import orders\n", {"made.py": DICTS}),
        ("def orders():\n    from parts.made import orders\n    return orders()\n", {}),
        (f"from parts import made\n{GIVE}", {}),
        ("from parts.more import orders\n", {"parts/more.py": "from .made import orders\n"}),
        ("from parts.more import orders\n", {"parts/more.py": f"from . import made\n{GIVE}"}),
        (
            "from a.b.c import orders\n",
            {"a/__init__.py": "", "a/b/c.py": "from parts.made import orders\n"},
        ),
        (
            "import parts\norders = parts.orders\n",
            {"parts/__init__.py": "from .made import orders\n"},
        ),
    ],
)
def test_a_feature_means_something_else_once_what_its_code_imports_does(
    tmp_path: Path, load: str, files: dict[str, str]
) -> None:
    files = {"parts/made.py": DICTS, "parts/aside.py": "x = 1\n"} | files
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    project = python_shop(tmp_path, load)
    before = fingerprints(tmp_path)
    first = run(project)
    assert codes(first) == []
    (made,) = [n for n, text in files.items() if text == DICTS and n in _used(first)]

    (tmp_path / "parts/aside.py").write_text("x = 2\n", encoding="utf-8")
    assert fingerprints(tmp_path) == before
    (tmp_path / made).write_text(DICTS.replace("10.25", "11.25"), encoding="utf-8")
    changed = fingerprints(tmp_path)
    second = run(project)

    assert all(a != b for a, b in zip(before, changed, strict=True))
    # What this process has imported before is read again.
    assert [(k, str(spend)) for k, spend, _ in published(project).rows] == [
        (1, "31.75"),
        (2, "None"),
    ]
    assert _used(first).keys() == _used(second).keys()
    assert {n for n in _used(first) if _used(first)[n] != _used(second)[n]} == {made}


def _used(outcome: object) -> dict[str, str]:
    (used,) = outcome.record.inputs  # type: ignore[attr-defined]
    return {f.path: f.sha256 for f in used.files}


def test_imports_in_a_circle_and_code_that_is_none_are_followed_no_further(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import b, json, .c\n", encoding="utf-8")
    (tmp_path / "b.py").write_text("import load\nfrom .... import far\n", encoding="utf-8")
    python_shop(tmp_path, "import a, b\n" + DICTS)

    assert files_of(tmp_path, Path("load.py")) == [Path("load.py"), Path("a.py"), Path("b.py")]
    assert len(fingerprints(tmp_path)) == 2
