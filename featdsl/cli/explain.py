"""``featc explain``."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterable, Iterator
from typing import Annotated

import typer

from featdsl.cli.assets import error_page
from featdsl.cli.options import AsJson
from featdsl.cli.screen import Screen
from featdsl.cli.settings import settings_of
from featdsl.cli.table import Column, table
from featdsl.diagnostics import catalog
from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.model import Code
from featdsl.diagnostics.suggest import did_you_mean

CodeArgument = Annotated[
    str | None, typer.Argument(metavar="CODE", help="A code (FD0202) or its name (unknown-column).")
]


def explain(context: typer.Context, code: CodeArgument = None, as_json: AsJson = False) -> None:
    """Explain a diagnostic.

    What happened, why it matters, how to mend it. Without a code, all of them are listed. Reads and
    writes nothing of a project.

    Examples:
        featc explain FD0202
        featc explain unknown-column
        featc explain

    Exit status: 0, or 2 when there is no such code.
    """
    screen = Screen.of(settings_of(context))
    chosen = [_find(code)] if code else list(catalog.codes().values())
    if as_json:
        entries = [_entry(c) for c in chosen]
        screen.say(json.dumps(entries[0] if code else entries, indent=2, ensure_ascii=False))
    elif code:
        screen.say(*_painted(screen, error_page(chosen[0])))
    else:
        heads = [Column("code", fixed=True), Column("name", fixed=True), Column("means")]
        screen.say(*table(screen, heads, [(c.id, c.slug, c.title) for c in chosen]))


def _find(text: str) -> Code:
    codes = catalog.codes()
    by_name = {c.slug: c for c in codes.values()}
    found = codes.get(text.upper()) or by_name.get(text.lower())
    if found is None:
        raise Failure(
            catalog.UNKNOWN_CODE.general(f"there is no diagnostic `{text}`").help(
                _nearest_number(text.upper(), codes)
                or did_you_mean(text.lower(), by_name)
                or "`featc explain` lists them"
            )
        )
    return found


def _nearest_number(text: str, codes: Iterable[str]) -> str | None:
    """The code whose number is nearest within the same hundred."""
    match = re.fullmatch(r"(?:FD)?(\d{1,6})", text)
    if match is None:
        return None
    number = int(match[1])
    near = [c for c in codes if int(c[2:]) // 100 == number // 100]
    if not near:
        return None
    return f"did you mean `{min(near, key=lambda c: abs(int(c[2:]) - number))}`?"


def _entry(code: Code) -> dict[str, str]:
    return {
        "code": code.id,
        "slug": code.slug,
        "title": code.title,
        "severity": code.severity.value,
        "page": error_page(code),
    }


def _painted(screen: Screen, markdown: str) -> Iterator[str]:
    """Markdown as people read it on a terminal: headings bold, code indented, text wrapped."""
    width = min(screen.width or 88, 88)
    code, paragraph = False, list[str]()
    for line in [*markdown.splitlines(), ""]:
        if line.startswith("```"):
            code = not code
        elif code:
            yield screen.style(f"    {line}".rstrip(), "cyan")
        elif line.startswith("#"):
            yield screen.style(line.lstrip("# "), "bold")
        elif line.strip():
            paragraph.append(line)
            continue
        if paragraph:
            yield from _wrapped(paragraph, width)
            paragraph = []
        if not line.strip() and not code:
            yield ""


def _wrapped(paragraph: list[str], width: int) -> Iterator[str]:
    """A paragraph as one; a list or a table line by line."""
    if any(line.lstrip().startswith(("- ", "* ", "|", "1.")) for line in paragraph):
        yield from paragraph
    else:
        yield from textwrap.wrap(" ".join(paragraph), width, break_on_hyphens=False)
