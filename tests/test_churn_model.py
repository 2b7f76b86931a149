"""The churn guide's numbers are those of its script, and leakage does what the guide says."""

from __future__ import annotations

import importlib
import re
import shutil
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

import featdsl
from featdsl.project.load import load_project
from featdsl.project.prepare import prepare_data

ROOT = Path(__file__).parents[1]
RETAIL = ROOT / "features" / "retail"
PAGE = (ROOT / "docs" / "guides" / "churn-model.md").read_text(encoding="utf-8")
PICTURE = (ROOT / "docs" / "images" / "leakage.svg").read_text(encoding="utf-8")
SCORE = re.compile(r"\d\.\d{3}")
TOLERANCE = 0.02


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)


def rows(text: str) -> dict[str, list[float]]:
    """Scores by what stands before them on their line."""
    lines = (line for line in text.splitlines() if len(SCORE.findall(line)) >= 4)
    return {SCORE.split(s)[0].strip(): [float(x) for x in SCORE.findall(s)][:4] for s in lines}


def counts(text: str) -> list[str]:
    return re.findall(r"^\d+ features$|^.* rows, .* churned$", text, flags=re.MULTILINE)


@pytest.mark.parametrize(
    ("kind", "file"), [("feat fragment", "churn.feat"), ("python", "churn_model.py")]
)
def test_what_the_guide_shows_stands_in_the_project(kind: str, file: str) -> None:
    text = re.sub(r"^ +", "", (RETAIL / file).read_text(encoding="utf-8"), flags=re.MULTILINE)
    shown = [re.sub(r"^ +", "", dedent(b), flags=re.MULTILINE) for b in blocks(kind)]

    assert [block for block in shown if block not in text] == []


def test_the_picture_has_the_table_s_numbers() -> None:
    drawn = re.findall(r">(\d\.\d\d)</text>", PICTURE)
    stated = [f"{area:.2f}" for r in rows(blocks("text")[-1]).values() for area in r[::2]]

    assert drawn == stated


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The study, of a copy of the project with its data."""
    ignored = shutil.ignore_patterns("target", "__pycache__")
    copy = Path(shutil.copytree(RETAIL, tmp_path / "retail", ignore=ignored))
    prepare_data(load_project(copy))
    monkeypatch.syspath_prepend(str(RETAIL))
    script = importlib.import_module("churn_model")
    return script, script.run(featdsl.load(copy))


@pytest.mark.study
def test_the_guide_s_numbers_are_those_of_the_script(study: Any) -> None:
    script, found = study
    report, table = blocks("text")
    stated, computed = rows(table), rows(script.as_text(found))

    assert [line for line in report.splitlines() if line not in found.report] == []
    assert counts(script.as_text(found)) == counts(table)
    assert list(computed) == list(stated)
    for name, scores in stated.items():
        assert computed[name] == pytest.approx(scores, abs=TOLERANCE), name
    honest, *leaking = found.results
    assert [r.variant.times for r in leaking if r.in_use.auc > honest.in_use.auc - 0.02] == []
    assert all(low > 0 for low, _ in (r.loss for r in leaking))
