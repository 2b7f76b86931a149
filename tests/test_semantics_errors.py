"""Mistakes of meaning: each wrong text gives one message, and its corrected twin gives none.

`FEATC_UPDATE_GOLDEN=1` rewrites the rendered messages; differences are read, never typed.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from till import BASE, FOLDER, analysed

from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Diagnostic
from featdsl.diagnostics.render.text import render_text
from featdsl.text.sources import SourceSet

CASES = sorted(
    p.stem
    for p in FOLDER.glob("*.feat")
    if not p.name.endswith(".fixed.feat") and p.name != "shop.feat"
)


# What a case is told from outside, besides the texts.
OPTIONS: dict[str, dict[str, Any]] = {
    "ambiguous_parameter": {"params": {"least": "10"}},
    "unknown_parameter": {"params": {"least": "10"}},
    "untested_feature": {"enabled": ("untested-feature",)},
}


# What stands in other files beside a case.
MORE: dict[str, dict[str, str]] = {
    "ambiguous_parameter": {"z.feat": "namespace other\nparam least: int = 1"},
    "private_name": {"z.feat": "namespace shop\nview staging from sales { private }"},
}


def diagnose(case: str, name: str) -> tuple[list[Diagnostic], SourceSet]:
    """What is said about one file that stands beside the shop's declarations."""
    files = {"shop.feat": BASE, name: (FOLDER / name).read_text("utf-8")}
    files |= MORE.get(case, {})
    _, found, texts = analysed(files, **OPTIONS.get(case, {}))
    return [d for d in found if d.primary is None or d.primary.span.source == name], texts


MEANING = [
    code
    for code in catalog.codes().values()
    if code.id[:4] in ("FD02", "FD03", "FD04", "FD09") or "FD0630" <= code.id <= "FD0633"
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
    found, texts = diagnose(case, f"{case}.feat")
    golden = FOLDER / f"{case}.txt"
    rendered = render_text(found, texts)
    if os.environ.get("FEATC_UPDATE_GOLDEN"):
        golden.write_text(rendered, "utf-8")

    assert rendered == golden.read_text("utf-8")


@pytest.mark.parametrize("case", CASES)
def test_one_mistake_gives_one_message(case):
    found, _ = diagnose(case, f"{case}.feat")

    assert len(found) == 1


@pytest.mark.parametrize("case", CASES)
def test_the_corrected_text_gives_no_message(case):
    found, texts = diagnose(case, f"{case}.fixed.feat")

    assert render_text(found, texts) == ""


def test_every_code_of_meaning_is_shown_by_a_case():
    shown = set()
    for case in CASES:
        found, _ = diagnose(case, f"{case}.feat")
        shown |= {d.code.id for d in found}

    assert {c.id for c in MEANING} - shown == set()
