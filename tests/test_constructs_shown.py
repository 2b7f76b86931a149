"""Every construct of the language has a literate test with its SQL and its result."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import constructs
import literate
import pytest

from featdsl.aggregates.registry import aggregates
from featdsl.compiler.pipeline import compile_project
from featdsl.diagnostics.model import Problems
from featdsl.functions.registry import functions
from featdsl.syntax.parse import parse
from featdsl.text.sources import SourceSet

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "tests" / "literate").glob("*.md"))
_EXAMPLES = re.compile(r"^## Examples\n\n([^|\n]+\n\n)?\|", re.MULTILINE)
_SQL = re.compile(r"^```sql(?P<words>(?: \w+)*)$", re.MULTILINE)


@dataclass(frozen=True)
class Held:
    """A section, and the constructs that it shows, or shows to be refused."""

    text: str
    shown: frozenset[str]
    refused: frozenset[str]


@cache
def sections() -> tuple[Held, ...]:
    """Those that show SQL, and those that show what is refused."""
    texts = (s for page in PAGES for s in literate.sections(page.read_text(encoding="utf-8")))
    return tuple(found for text in texts for found in _section(text))


def _section(text: str) -> Iterator[Held]:
    shown = frozenset(tuple(m["words"].split()) for m in _SQL.finditer(text))
    refused = [m["body"] for m in literate.FENCE.finditer(text) if m["info"] == "diagnostics"]
    codes = [code for code in constructs.REFUSED.values() if any(code in r for r in refused)]
    files, settings = literate.inputs(text)
    if not files or not (shown or codes):
        return
    compilation = compile_project(SourceSet.of(files), literate.options(settings))
    section = constructs.Section(
        text="\n".join(files.values()),
        modules=tuple(parse(body, name, Problems()) for name, body in files.items()),
        program=compilation.program,
        shown=shown if compilation.ok else frozenset(),
    )
    yield Held(
        section.text,
        frozenset(constructs.shown(section)),
        frozenset(constructs.refused(section, codes)),
    )


def missing(found: Iterable[Held]) -> list[str]:
    """Constructs that no section shows, each with how to mend it."""
    found = list(found)
    there = {name for held in found for name in held.shown}
    refused = {name for held in found for name in held.refused}
    told = [
        f"{name} ({how}): write a section in tests/literate/ with the smallest program that has "
        "it, a `test` with `then`, and a block ```sql (of a group), ```sql d (of the data set d) "
        "or ```sql expect s; FEATC_UPDATE_GOLDEN=1 fills the block in, you read it"
        for name, how in constructs.constructs().items()
        if name not in there and name not in constructs.REFUSED
    ]
    told += [
        f"{name} ({code}): write a section in tests/literate/ that has it, and is refused by it"
        for name, code in constructs.REFUSED.items()
        if name not in refused
    ]
    return told


def test_every_construct_is_shown_with_its_sql_and_its_result():
    told = missing(sections())

    assert not told, f"{len(told)} constructs are not shown:\n" + "\n".join(told)


def test_what_is_refused_is_a_construct():
    assert constructs.REFUSED.keys() <= constructs.constructs().keys()
    assert constructs.NEVER.keys().isdisjoint(constructs.constructs())


@pytest.mark.parametrize(
    ("word", "gone"),
    [
        ("session(", {"typed Session", "text: session"}),
        ("join many", {"JoinItem.many", "text: many of one"}),
        ("split", {"SplitItem", "SplitItem.at PercentLit"}),
        ("expect unique", {"expectation unique"}),
        ("matches", {"Matches", "Matches.negated"}),
    ],
)
def test_a_construct_without_a_section_is_told(word: str, gone: set[str]) -> None:
    told = {
        line.partition(" (")[0] for line in missing(s for s in sections() if word not in s.text)
    }

    assert gone <= told


@pytest.mark.parametrize("kind", ["aggregates", "functions"])
def test_every_page_of_a_call_shows_its_sql_and_examples(kind: str) -> None:
    """That the pages are what the registries say: `test_reference_pages.py`."""
    names = aggregates() if kind == "aggregates" else functions()
    for name in names:
        page = (ROOT / "docs" / "language" / kind / f"{name}.md").read_text(encoding="utf-8")
        examples = _EXAMPLES.search(page)
        assert examples, f"{kind}/{name}.md: give its definition `examples`"
        assert "\n```sql\n" in page, f"{kind}/{name}.md: its page shows no SQL"
