"""What an editor may do by itself takes the mistake away and breaks no syntax."""

from __future__ import annotations

from pathlib import Path

import pytest
from till import BASE, FOLDER, analysed

from featdsl.diagnostics.model import Diagnostic, Problems
from featdsl.diagnostics.render.edits import edit_of
from featdsl.diagnostics.render.text import render_text
from featdsl.syntax.parse import parse
from featdsl.text.sources import SourceSet

SYNTAX = Path(__file__).parent / "syntax_errors"
FIXED = ".fixed.feat"


def meaning(name: str, text: str) -> tuple[list[Diagnostic], SourceSet]:
    _, found, texts = analysed({"shop.feat": BASE, name: text})
    return [d for d in found if d.primary is None or d.primary.span.source == name], texts


def syntax(name: str, text: str) -> tuple[list[Diagnostic], SourceSet]:
    problems = Problems()
    parse(text, name, problems)
    return problems.sorted(), SourceSet.of({name: text})


CASES = [
    pytest.param(path, diagnose, id=path.stem)
    for folder, diagnose in ((FOLDER, meaning), (SYNTAX, syntax))
    for path in sorted(folder.glob("*.feat"))
    if not path.name.endswith(FIXED) and path.name != "shop.feat"
    if any(edit_of(d, s) for ds, s in [diagnose(path.name, path.read_text("utf-8"))] for d in ds)
]


def test_there_are_fixes_for_names_and_for_words() -> None:
    assert len(CASES) >= 15


@pytest.mark.parametrize(("path", "diagnose"), CASES)
def test_a_fix_takes_its_mistake_away_and_breaks_no_syntax(path: Path, diagnose) -> None:
    text = path.read_text("utf-8")
    before, texts = diagnose(path.name, text)
    fixed = [((d.code.id, d.message), e) for d in before if (e := edit_of(d, texts)) is not None]
    for _, edit in sorted(fixed, key=lambda pair: pair[1].span, reverse=True):
        text = text[: edit.span.start] + edit.replacement + text[edit.span.end :]
    after, texts = diagnose(path.name, text)

    left = {(d.code.id, d.message) for d in after}
    assert {mark for mark, _ in fixed} & left == set(), render_text(after, texts)
    assert {code for code, _ in left if code < "FD02"} <= {d.code.id for d in before}
