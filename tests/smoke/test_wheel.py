"""The built wheel in an environment of its own: what a stranger runs first.

``FEATC_SMOKE`` is the path of the installed ``featc``.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

FEATC = os.environ["FEATC_SMOKE"]


def featc(*args: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [FEATC, *args], cwd=cwd, capture_output=True, text=True, check=False, timeout=120
    )


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel") / "shop"
    done = featc("init", str(folder))
    assert done.returncode == 0, done.stderr
    return folder


def test_version_is_told():
    assert featc("--version").stdout.startswith("featc 0.")


def test_help_lists_the_commands():
    shown = featc("--help").stdout
    assert all(f" {c} " in shown for c in ("init", "check", "run", "preview", "docs", "explain"))


def test_an_unknown_command_is_a_usage_error():
    assert featc("chekc").returncode == 2


def test_init_writes_a_project_that_checks(project):
    done = featc("check", cwd=project)

    assert (done.returncode, done.stderr) == (0, "")


def test_init_refuses_a_folder_that_is_not_empty(project):
    done = featc("init", str(project))

    assert done.returncode != 0
    assert "Traceback" not in done.stderr


def test_the_project_is_formatted(project):
    assert featc("fmt", "--check", cwd=project).returncode == 0


def test_the_projects_tests_pass(project):
    assert featc("test", cwd=project).returncode == 0


def test_run_writes_parquet_and_a_record(project):
    done = featc("run", cwd=project)

    assert done.returncode == 0, done.stderr
    assert list((project / "target").rglob("*.parquet"))
    assert list((project / "target" / "runs").glob("*.json"))


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_run_writes_other_formats(project, tmp_path, kind):
    done = featc("run", "spend", "--out", str(tmp_path), "--format", kind, cwd=project)

    assert done.returncode == 0, done.stderr
    assert list(tmp_path.rglob(f"*.{kind}"))


def test_preview_shows_the_talks_customer(project):
    done = featc("preview", "spend.premium_txn_share", "--key", "17826162", cwd=project)

    assert done.returncode == 0, done.stderr
    assert "0.15" in done.stdout


def test_check_run_publishes_nothing(project):
    before = sorted((project / "target").rglob("*.parquet"))
    done = featc("check", "--run", cwd=project)

    assert done.returncode == 0, done.stderr
    assert sorted((project / "target").rglob("*.parquet")) == before


@pytest.mark.parametrize("shape", ["select", "view", "table"])
def test_compile_gives_sql(project, shape):
    done = featc("compile", "spend", "--as", shape, "--as-of", "2024-01-03", cwd=project)

    assert done.returncode == 0, done.stderr
    assert "SELECT" in done.stdout


def test_docs_are_pages_with_an_index(project):
    done = featc("docs", cwd=project)

    assert done.returncode == 0, done.stderr
    assert list((project / "target").rglob("index.html"))


def test_show_is_json_for_machines(project):
    shown = json.loads(featc("show", "spend.spend_7d", "--json", cwd=project).stdout)

    assert "spend_7d" in json.dumps(shown)


def test_lineage_reaches_columns(project):
    assert "amount" in featc("lineage", "spend.spend_7d", cwd=project).stdout


def test_explain_knows_every_code_page():
    done = featc("explain", "FD0101")

    assert done.returncode == 0
    assert "FD0101" in done.stdout


def test_a_selector_that_matches_nothing_is_an_error(project):
    done = featc("run", "sepnd", cwd=project)

    assert done.returncode == 1
    assert "spend" in done.stderr + done.stdout


def test_a_mistake_has_a_place_and_a_remedy(project, tmp_path):
    text = (project / "features.feat").read_text()
    text = text.replace("sum(amount default", "sum(amuont default")
    (tmp_path / "featc.toml").write_text((project / "featc.toml").read_text())
    (tmp_path / "features.feat").write_text(text)
    (tmp_path / "retail.feat").write_text((project / "retail.feat").read_text())
    done = featc("check", cwd=tmp_path)

    assert done.returncode == 1
    assert "did you mean `amount`?" in done.stderr + done.stdout


def test_the_package_computes_without_the_extras(project):
    code = (
        "import featdsl, sys\n"
        "result = featdsl.load(sys.argv[1]).snapshot('spend', as_of='2026-10-01')\n"
        "print(result.pandas().shape)"
    )
    done = subprocess.run(
        [Path(FEATC).with_name("python"), "-c", code, project],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.stdout == "(289, 21)\n", done.stderr


def test_pytest_runs_the_projects_tests(project, tmp_path):
    """With the entry point of the wheel; pytest itself comes from the environment of the tests."""
    python = Path(FEATC).with_name("python")
    folder = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    # The wheel's packages come first; pytest and what it needs come from where it runs now.
    own = str(Path(pytest.__file__).parents[1])
    done = subprocess.run(
        [python, "-m", "pytest", "-p", "no:cacheprovider", "-q", str(project)],
        cwd=project,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([folder, own])},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "5 passed" in done.stdout
