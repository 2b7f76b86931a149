"""The page on dialects says what the registry says; the command offers what is registered."""

from __future__ import annotations

import os
import re
from pathlib import Path

from featdsl.compiler.reference import with_table
from featdsl.dialects.registry import dialects

PAGE = Path(__file__).parents[2] / "docs" / "dialects.md"


def table() -> str:
    lines = ["| dialect | for | lacks | because | instead |", "|---|---|---|---|---|"]
    for name, dialect in sorted(dialects().items()):
        if not dialect.lacks:
            lines.append(f"| `{name}` | {dialect.title} | nothing | | |")
        for lack in dialect.lacks:
            said = (f"`{name}`", dialect.title, lack.shown, lack.reason, lack.remedy or "")
            lines.append(f"| {' | '.join(said)} |")
    return "\n".join(lines) + "\n"


def test_the_page_lists_what_each_dialect_lacks() -> None:
    page = PAGE.read_text(encoding="utf-8")

    updated = with_table(page, table())

    if os.environ.get("FEATC_UPDATE_GOLDEN"):
        PAGE.write_text(updated, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == updated


def test_the_help_names_the_dialects_that_there_are() -> None:
    command = Path(__file__).parents[2] / "featdsl" / "cli" / "compile.py"

    shown = re.search(r'"--dialect", metavar="([a-z|]+)"', command.read_text(encoding="utf-8"))

    assert shown is not None
    assert shown[1].split("|") == sorted(dialects())
