"""The oracle gives what hand-worked tests state: of the literate pages, and of the projects."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import literate
import pytest

from featdsl.compiler.options import Options
from featdsl.compiler.pipeline import compile_project
from featdsl.ir import program as ir
from featdsl.ir.program import Program
from featdsl.reference.stop import Unanswered
from featdsl.testing.settings import options_of
from featdsl.text.sources import SourceSet
from tests.reference.asked import differences

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("tests/literate/*.md"), *ROOT.glob("docs/language/*.md")])
PROJECTS = ["quickstart", "flights", "retail"]


def stated(texts: dict[str, str], options: Options) -> Iterator[tuple[Program, ir.Test]]:
    """Each test of a project with the program of its parameters, and of its day."""
    compiled = compile_project(SourceSet.of(texts), options)
    if not compiled.ok:
        return
    for test in compiled.program.tests:
        asked = options_of(compiled.program, options, test)
        same = asked == options
        program = compiled.program if same else compile_project(compiled.texts, asked).program
        yield program, test


def sections() -> Iterator[object]:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for section in literate.sections(text):
            texts, settings = literate.inputs(section)
            if texts and "\ntest " in section:
                title = section.splitlines()[0].lstrip("# ")
                yield pytest.param(texts, settings, id=f"{page.stem}: {title}")


@pytest.mark.parametrize(("texts", "settings"), [*sections()])
def test_a_literate_test_holds(texts, settings):
    try:
        all_stated = [*stated(texts, literate.options(settings))]
        found = [d for program, test in all_stated for d in differences(program, test)]
    except Unanswered as why:
        if not any("sql(" in text for text in texts.values()):
            raise
        pytest.skip(str(why))

    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", PROJECTS)
def test_the_tests_of_a_reference_project_hold(name):
    folder = ROOT / "features" / name
    texts = {p.name: p.read_text(encoding="utf-8") for p in sorted(folder.glob("*.feat"))}

    all_stated = list(stated(texts, Options(project=name)))

    assert all_stated
    assert not [d for program, test in all_stated for d in differences(program, test)]
