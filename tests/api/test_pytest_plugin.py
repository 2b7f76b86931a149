"""pytest with ``.feat`` tests and the fixture, in projects of other people."""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from featdsl.project.load import load_project
from featdsl.project.prepare import prepare_data

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[2]

SHOP = """\
entity customer { key customer_id: int }

source sales {
  from parquet "sales.parquet"
  time sold_at
  entity customer
  columns { customer_id: int required  sold_at: timestamp required  amount: int }
}

source asked { from csv "asked.csv"  entity customer  columns { customer_id: int  at: timestamp } }

param least: int = 1

features spend for customer from sales { spend = sum(amount where amount >= $least) }

dataset d for customer { spine asked at at  include spend.* }
"""
TESTS = """\
test "holds" {
  given sales
    | customer_id | sold_at    | amount |
    | 1           | 2024-01-01 | 5      |
  at @2024-01-02
  then spend
    | customer_id | spend |
    | 1           | 5     |
}

test "differs" {
  given sales
    | customer_id | sold_at    | amount |
    | 1           | 2024-01-01 | 5      |
    | 2           | 2024-01-01 | 7      |
  at @2024-01-02
  then spend
    | customer_id | spend |
    | 1           | 6     |
}
"""
SETTINGS = '[project]\nname = "shop"\nas_of = "2024-02-01"\n'


def run(pytester: pytest.Pytester, *args: str) -> pytest.RunResult:
    """In a process of its own, with the plugin as it is installed, or by its module."""
    installed = entry_points(group="pytest11", name="featc")
    plugin = [] if installed else ["-p", "featdsl.api.pytest_plugin"]
    # Of no use here, and slow to start.
    without = [f"-pno:{name}" for name in ("cacheprovider", "hypothesispytest", "xdist")]
    return pytester.runpytest_subprocess(*without, *plugin, *args)


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    folder = pytester.mkdir("shop")
    (folder / "featc.toml").write_text(SETTINGS)
    (folder / "shop.feat").write_text(SHOP)
    (folder / "tests.feat").write_text(TESTS)
    return pytester


def test_each_test_of_a_feat_file_is_an_item(project: pytest.Pytester) -> None:
    result = run(project, "-v")

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "shop/tests.feat::holds PASSED*",
            "shop/tests.feat::differs FAILED*",
            '*test "differs"*',
            "customer_id = 1: `spend` is 5, expected 6 (and 1 more)",
            "group  key            as of                 feature         expected  actual",
            "spend  customer_id 1  2024-01-02 00:00 UTC  spend           6         5",
            "spend  customer_id 2  2024-01-02 00:00 UTC  unexpected row",
            "the first is stated at tests.feat:19:5",
            "FAILED shop/tests.feat::differs - customer_id = 1*",
        ]
    )


def test_one_test_is_chosen_as_any_item(project: pytest.Pytester) -> None:
    run(project, "shop/tests.feat::holds").assert_outcomes(passed=1)
    run(project, "-k", "differs").assert_outcomes(failed=1, deselected=1)


def test_mistakes_of_a_project_are_one_error(project: pytest.Pytester) -> None:
    (project.path / "shop" / "more.feat").write_text(TESTS.replace('"holds"', '"more"'))
    (project.path / "shop" / "shop.feat").write_text(SHOP.replace("sum(amount", "sum(amuont"))
    result = run(project)

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*FD0202*`sales` has no column `amuont`*", "*did you mean*"])


def test_settings_that_cannot_be_read_are_told(project: pytest.Pytester) -> None:
    (project.path / "shop" / "featc.toml").write_text("[project\n")
    result = run(project)

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*featc.toml*"])


def test_a_test_that_cannot_be_run_says_why(project: pytest.Pytester) -> None:
    text = SHOP.replace("sum(amount where amount >= $least)", "max(1000000 * amount)")
    (project.path / "shop" / "shop.feat").write_text(text)
    (project.path / "shop" / "tests.feat").write_text(
        TESTS.replace("| 5 ", "| 9000000000000000 ").partition("\n\n")[0]
    )
    result = run(project)

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*FD0811*cannot be run*"])


def test_feat_files_outside_of_projects_and_without_tests_are_nobodys(
    pytester: pytest.Pytester,
) -> None:
    (pytester.path / "alone.feat").write_text(TESTS)
    folder = pytester.mkdir("shop")
    (folder / "featc.toml").write_text(SETTINGS)
    (folder / "shop.feat").write_text("this is no feat")
    (folder / "notes.feat").mkdir()
    result = run(pytester)

    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_collection_can_be_switched_off(project: pytest.Pytester) -> None:
    project.makeini("[pytest]\nfeatc_collect = false\n")

    assert run(project).ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_what_the_target_holds_is_not_collected(project: pytest.Pytester) -> None:
    target = project.path / "shop" / "target"
    target.mkdir()
    (target / "old.feat").write_text(TESTS)

    run(project).assert_outcomes(passed=1, failed=1)


FIXTURE = """
import pandas as pd
import pytest

SALES = pd.DataFrame(
    {
        "customer_id": [1, 1, 2],
        "sold_at": pd.to_datetime(["2024-01-01", "2024-01-10", "2024-01-05"]),
        "amount": [5, 7, 1],
    }
)

def test_a_snapshot(feat_project):
    found = feat_project.snapshot("spend", as_of="2024-01-08", sources={"sales": SALES})
    assert found.pandas().values.tolist() == [[1, 5], [2, 1]]

@pytest.mark.feat_project("shop", params={"least": 2})
def test_a_training_set(feat_project):
    times = pd.to_datetime(["2024-01-08", "2024-01-20", "2024-01-20"])
    spine = pd.DataFrame({"customer_id": [1, 1, 2], "as_of": times})
    found = feat_project.training_set("d", spine=spine, sources={"sales": SALES}).pandas()
    assert found["spend"].tolist()[:2] == [5, 12]
    assert pd.isna(found["spend"][2])

def test_it_is_compiled_once(feat_project, request):
    assert feat_project is request.getfixturevalue("feat_project")
"""


def test_the_fixture_computes_snapshots_and_training_sets(project: pytest.Pytester) -> None:
    (project.path / "shop" / "test_shop.py").write_text(FIXTURE)
    result = run(project, "-W", "error", "--strict-markers", "shop/test_shop.py")

    result.assert_outcomes(passed=3)


def test_the_fixture_without_a_project_says_so(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(feat_project): pass")
    result = run(pytester)

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*featc.toml*"])


def test_pytest_starts_without_the_parts_of_featc() -> None:
    code = (
        "import sys, featdsl.api.pytest_plugin\n"
        "print(sorted(m for m in sys.modules if m.startswith(('featdsl', 'duckdb', 'pandas', "
        "'sqlglot', 'lark', 'pydantic', 'typer', 'numpy'))))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout

    assert found.strip() == "['featdsl', 'featdsl.api', 'featdsl.api.pytest_plugin']"


def test_the_guides_example_passes(pytester: pytest.Pytester) -> None:
    folder = pytester.path / "quickstart"
    ignored = shutil.ignore_patterns("data", "target", "__pycache__")
    shutil.copytree(ROOT / "features" / "quickstart", folder, ignore=ignored)
    prepare_data(load_project(folder))
    guide = (ROOT / "docs" / "guides" / "pytest.md").read_text(encoding="utf-8")
    code = guide.partition("```python\n")[2].partition("```")[0]
    (folder / "test_guide.py").write_text(code, encoding="utf-8")
    result = run(pytester, "--strict-markers", "quickstart")

    result.assert_outcomes(passed=8)
