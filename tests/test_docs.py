"""Links lead somewhere; every diagnostic is explained and shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from featdsl.diagnostics.catalog import codes
from featdsl.diagnostics.model import Code

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", *DOCS.rglob("*.md")])
CODES = [pytest.param(c, id=c.id) for c in codes().values()]

_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)
_SHOWN = re.compile(r"^ *\w+\[(FD[0-9]{4} [a-z0-9-]+)\]: \S.*\n *(-->|help:|=) ", re.MULTILINE)
"""A whole message: what happened, and below it the place, what more is known, or the remedy."""


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_relative_links_lead_to_something_that_exists(page: Path) -> None:
    broken = [link for link in _relative_links(page) if not _leads_somewhere(page, link)]

    assert broken == []


def _relative_links(page: Path) -> Iterator[str]:
    text = _CODE.sub("", _FENCE.sub("", page.read_text(encoding="utf-8")))
    for link in _LINK.findall(text):
        if not re.match(r"[a-z]+:", link):
            yield link


def _leads_somewhere(page: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = page if not path else page.parent / path
    if not target.exists():
        return False
    return not anchor or target.suffix != ".md" or anchor in _anchors(target)


def _anchors(page: Path) -> set[str]:
    """Anchors as hosts of Markdown make them: small letters, no signs, dashes for spaces."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    headings = (re.sub(r"[^\w\- ]", "", h.lower()) for h in _HEADING.findall(text))
    return {h.replace(" ", "-") for h in headings}


@pytest.mark.parametrize("code", CODES)
def test_a_diagnostic_has_a_page(code: Code) -> None:
    page = DOCS / "errors" / f"{code.id}.md"

    assert page.exists()
    first = page.read_text(encoding="utf-8").partition("\n")[0]
    assert first == f"# {code.id} {code.slug}: {code.title}"


def test_pages_of_diagnostics_are_of_codes_that_exist() -> None:
    pages = {p.stem for p in (DOCS / "errors").glob("FD*.md")}

    assert pages - set(codes()) == set()


@pytest.mark.parametrize("code", CODES)
def test_a_diagnostic_is_shown_by_a_test(code: Code) -> None:
    assert f"{code.id} {code.slug}" in _shown()


@cache
def _shown() -> frozenset[str]:
    """Codes of the messages that golden and literate tests show whole."""
    found: set[str] = set()
    for path in [*(ROOT / "tests").rglob("*.txt"), *(ROOT / "tests").rglob("*.md")]:
        found |= {m[1] for m in _SHOWN.finditer(path.read_text(encoding="utf-8"))}
    return frozenset(found)
