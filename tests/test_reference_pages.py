"""The reference pages say what the registries say."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from featdsl.aggregates.registry import aggregates
from featdsl.compiler.reference import (
    aggregate_page,
    aggregate_table,
    function_page,
    function_table,
    with_table,
)
from featdsl.functions.registry import functions

PAGES = Path(__file__).parents[1] / "docs" / "language"


@pytest.mark.parametrize(
    ("name", "table"), [("aggregates.md", aggregate_table), ("functions.md", function_table)]
)
def test_a_reference_page_lists_what_is_registered(name: str, table: Callable[[], str]) -> None:
    path = PAGES / name
    page = path.read_text(encoding="utf-8")

    updated = with_table(page, table())

    if os.environ.get("FEATC_UPDATE_GOLDEN"):
        path.write_text(updated, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == updated


PAGE_OF = {f"aggregates/{name}.md": aggregate_page(a) for name, a in aggregates().items()}
PAGE_OF |= {f"functions/{name}.md": function_page(f) for name, f in functions().items()}


@pytest.mark.parametrize("name", PAGE_OF)
def test_a_definition_has_its_page(name: str) -> None:
    path = PAGES / name

    if os.environ.get("FEATC_UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(PAGE_OF[name], encoding="utf-8")
    assert path.read_text(encoding="utf-8") == PAGE_OF[name]


def test_a_page_is_of_something_that_is_registered() -> None:
    there = {
        p.relative_to(PAGES).as_posix()
        for k in ("aggregates", "functions")
        for p in (PAGES / k).glob("*.md")
    }

    assert there == set(PAGE_OF)
