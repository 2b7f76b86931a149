"""Wrong texts: what is said of them, and that the remedy parses.

``tests/syntax_errors/NAME.feat`` is wrong, ``NAME.txt`` is what is said, ``NAME.fixed.feat`` what
it should have been. FEATC_UPDATE_GOLDEN=1 rewrites what is said.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Diagnostic, Problems
from featdsl.diagnostics.render.text import render_text
from featdsl.syntax.parse import parse
from featdsl.syntax.words import item_words
from featdsl.text.sources import SourceSet

HERE = Path(__file__).parent
WRONG = sorted(p for p in (HERE / "syntax_errors").glob("*.feat") if ".fixed" not in p.name)
SYNTAX_CODES = sorted(
    (c for c in catalog.codes().values() if c.id.startswith("FD01") and c.id != "FD0199"),
    key=lambda c: c.id,
)
# Its text would be long: `test_parse` shows it.
NOT_IN_A_FILE = {"FD0133"}


def diagnose(text: str, name: str = "wrong.feat") -> list[Diagnostic]:
    problems = Problems()
    parse(text, name, problems)
    return problems.sorted()


HEADS = {
    "entity": "entity c",
    "source": "source s",
    "view": "view v from s",
    "features": "features g for c from s",
    "labels": "labels l for c from s",
    "template": "template t(x)",
    "input": "input i",
    "consumer": "consumer u",
    "wanted": "wanted w",
    "dataset": "dataset d for c",
    "test": 'test "t"',
}
STARTS = [(head, word) for kind, head in HEADS.items() for word in sorted(item_words(kind))]


@pytest.mark.parametrize("ending", ["", " }", " x", " x =", " (", " 1", ' "a"'])
def test_no_rule_of_the_messages_looks_at_what_is_not_there(ending: str) -> None:
    """Of an item that has only begun."""
    for head, word in STARTS:
        found = diagnose(f"{head} {{ {word}{ending} }}\n")
        assert found or ending != " (", (head, word)


def rendered(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    return render_text(diagnose(text, path.name), SourceSet.of({path.name: text})) + "\n"


@pytest.mark.parametrize("path", WRONG, ids=lambda p: p.stem)
def test_a_mistake_is_told_as_it_was_reviewed(path):
    golden = path.with_suffix(".txt")
    actual = rendered(path)
    if "FEATC_UPDATE_GOLDEN" in os.environ:
        golden.write_text(actual, encoding="utf-8")

    assert actual == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", WRONG, ids=lambda p: p.stem)
def test_the_remedy_parses(path):
    fixed = path.with_name(f"{path.stem}.fixed.feat").read_text(encoding="utf-8")

    assert [d.message for d in diagnose(fixed)] == []


def test_every_syntax_code_is_shown_by_a_wrong_text():
    shown = {d.code.id for path in WRONG for d in diagnose(path.read_text(encoding="utf-8"))}

    assert {c.id for c in SYNTAX_CODES} - shown == NOT_IN_A_FILE


@pytest.mark.parametrize("code", SYNTAX_CODES, ids=lambda c: c.id)
def test_the_page_of_a_syntax_code_shows_the_mistake_and_its_remedy(code):
    page = (HERE.parent / "docs" / "errors" / f"{code.id}.md").read_text(encoding="utf-8")
    wrong = re.findall(r"^```feat wrong\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    right = re.findall(r"^```feat\n(.*?)^```", page, re.MULTILINE | re.DOTALL)

    assert page.startswith(f"# {code.id} {code.slug}: {code.title}\n")
    assert wrong or code.id in {"FD0131", "FD0132", "FD0133"}
    assert [{d.code.id for d in diagnose(text)} for text in wrong] == [{code.id}] * len(wrong)
    assert [d.message for text in right for d in diagnose(text)] == []
