"""What the guide for pandas users shows side by side is equal, and what leaks differs."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from featdsl.compiler.pipeline import compile_project
from featdsl.diagnostics.model import Severity
from featdsl.text.sources import SourceSet
from tests.support.beside import LEAKS, OPTIONS, Section, read_page, same
from tests.support.literate import sections

PAGE = Path(__file__).parents[1] / "docs" / "guides" / "from-pandas.md"


@cache
def page() -> dict[str, Section]:
    return {section.title: section for section in read_page(PAGE)}


SECTIONS = {
    text.splitlines()[0].lstrip("# "): text
    for text in sections(PAGE.read_text(encoding="utf-8"))
    if text.startswith("## ") and text[3].isdigit()
}
LEAKING = [title for title, text in SECTIONS.items() if LEAKS in text]


def test_there_are_at_least_twenty_idioms() -> None:
    assert len(SECTIONS) >= 20
    assert list(page()) == list(SECTIONS)


@pytest.mark.parametrize("title", SECTIONS)
def test_the_idiom_and_the_feature_are_equal_for_every_key(title: str) -> None:
    section = page()[title]
    wrong = []
    for (feature, group), values in section.feat().items():
        python = section.python(feature, group)
        assert python is not None, f"no Python computes {feature}"
        for key in sorted(values.keys() | python.keys()):
            pair = values.get(key), python.get(key)
            if key not in values or not same(*pair):
                wrong.append((feature, key, *pair))

    assert wrong == []


@pytest.mark.parametrize("title", LEAKING)
def test_what_leaks_differs_from_the_feature(title: str) -> None:
    section = page()[title]
    computed = section.feat()
    for names in section.leaks:
        differing = [
            (feature, key)
            for (feature, group), values in computed.items()
            if (leaked := section.python(feature, group, names)) is not None
            for key, value in values.items()
            if not same(value, leaked.get(key))
        ]

        assert differing != []


def _closing() -> list[str]:
    """The lines of FEAT in the closing table."""
    closing = PAGE.read_text(encoding="utf-8").partition("\n## Between rows,")[2]
    return re.findall(r"\| `([a-z_]+ = [^`]*)` \|$", closing, flags=re.MULTILINE)


def test_the_closing_table_has_lines() -> None:
    assert len(_closing()) == 9


@pytest.mark.parametrize("line", _closing())
def test_what_the_closing_table_says_compiles(line: str) -> None:
    compilation = compile_project(
        SourceSet.of(declarations() | {"features.feat": GROUP % line}), OPTIONS
    )
    errors = [d.code.id for d in compilation.diagnostics if d.severity is Severity.ERROR]

    assert errors == []


GROUP = """
features basics for customer from sales {
  spend = sum(amount)
  %s
}
"""


def declarations() -> dict[str, str]:
    first = next(iter(page().values()))
    return {"shop.feat": first.texts["shop.feat"]}
