"""Mistakes of meaning: each wrong text gives one message, and its corrected twin gives none.

`FEATC_UPDATE_GOLDEN=1` rewrites the rendered messages; differences are read, never typed.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Diagnostic, Problems
from featdsl.diagnostics.render.text import render_text
from featdsl.semantics.passes import analyse
from featdsl.syntax.parse import parse
from featdsl.text.sources import SourceSet

FOLDER = Path(__file__).parent / "semantic_errors"
BASE = (FOLDER / "shop.feat").read_text("utf-8")
CASES = sorted(
    p.stem
    for p in FOLDER.glob("*.feat")
    if not p.name.endswith(".fixed.feat") and p.name != "shop.feat"
)


def diagnose(name: str, text: str) -> tuple[list[Diagnostic], SourceSet]:
    """What is said about one file that stands beside the shop's declarations."""
    texts = SourceSet.of({"shop.feat": BASE, name: text})
    problems = Problems()
    modules = [parse(file.text, file.name, problems) for file in texts]
    analyse(modules, project="shop", timezone="UTC", params={}, texts=texts, problems=problems)
    found = [d for d in problems.sorted() if d.primary is None or d.primary.span.source == name]
    return found, texts


MEANING = [
    code
    for code in catalog.codes().values()
    if code.id[:4] in ("FD02", "FD03", "FD04", "FD09") or "FD0630" <= code.id <= "FD0632"
]
PAGES = Path(__file__).parents[1] / "docs" / "errors"


@pytest.mark.parametrize("code", MEANING, ids=lambda code: code.id)
def test_a_code_has_a_page_in_the_order_of_all_pages(code):
    text = (PAGES / f"{code.id}.md").read_text("utf-8")
    heads = [line for line in text.splitlines() if line.startswith("#") and "`" not in line]

    assert text.startswith(f"# {code.id} {code.slug}: {code.title}\n")
    assert [h for h in heads if h.startswith("## ")][:4] == [
        "## What happened",
        "## Why it matters",
        "## Example",
        "## Remedy",
    ]


@pytest.mark.parametrize("case", CASES)
def test_a_wrong_text_gives_the_message_that_is_written_down(case):
    name = f"{case}.feat"
    found, texts = diagnose(name, (FOLDER / name).read_text("utf-8"))
    golden = FOLDER / f"{case}.txt"
    rendered = render_text(found, texts)
    if os.environ.get("FEATC_UPDATE_GOLDEN"):
        golden.write_text(rendered, "utf-8")

    assert rendered == golden.read_text("utf-8")


@pytest.mark.parametrize("case", CASES)
def test_one_mistake_gives_one_message(case):
    found, _ = diagnose(f"{case}.feat", (FOLDER / f"{case}.feat").read_text("utf-8"))

    assert len(found) == 1


@pytest.mark.parametrize("case", CASES)
def test_the_corrected_text_gives_no_message(case):
    name = f"{case}.fixed.feat"
    found, texts = diagnose(name, (FOLDER / name).read_text("utf-8"))

    assert render_text(found, texts) == ""


def test_every_code_of_meaning_is_shown_by_a_case():
    shown = set()
    for case in CASES:
        found, _ = diagnose(f"{case}.feat", (FOLDER / f"{case}.feat").read_text("utf-8"))
        shown |= {d.code.id for d in found}
    elsewhere = {"FD0630", "FD0631", "FD0909"}  # values from outside, and what is off by default

    assert {c.id for c in MEANING} - shown - elsewhere == set()
