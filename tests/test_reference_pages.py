"""The reference pages say what the registries say."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from reference_pages import aggregate_table, function_table, with_table

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
