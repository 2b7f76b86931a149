"""The Python of the guide and the README runs, and prints what the pages say."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from python_page import as_it_runs

import featdsl

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "docs" / "guides" / "python.md"]


@pytest.fixture
def here(quickstart: featdsl.Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with `features/quickstart` in it."""
    ignored = shutil.ignore_patterns("target")
    shutil.copytree(quickstart.root, tmp_path / "features" / "quickstart", ignore=ignored)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_a_page_prints_what_it_says(here: Path, page: Path) -> None:
    computed = as_it_runs(page, {})

    if os.environ.get("FEATC_UPDATE_GOLDEN"):
        page.write_text(computed, encoding="utf-8")
    assert computed == page.read_text(encoding="utf-8")
