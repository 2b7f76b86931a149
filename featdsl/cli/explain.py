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
    str | None,
    typer.Argument(
        metavar="NAME",
        help="A code (FD0202) or its name (unknown-column); an aggregate or function (ewm_sum).",
    ),
]


def explain(context: typer.Context, code: CodeArgument = None, as_json: AsJson = False) -> None:
    """Explain a diagnostic, an aggregate or a function.

    Of a diagnostic: what happened, why it matters, how to mend it. Of an aggregate or function:
    what it takes and gives, what its value is, examples, its SQL. Without a name, all diagnostics
    are listed. Reads and writes nothing of a project.

    Examples:
        featc explain FD0202
        featc explain unknown-column
        featc explain ewm_sum
        featc explain

    Exit status: 0, or 2 when nothing is called so.
    """
    screen = Screen.of(settings_of(context))
    page = _definition(code) if code else None
    if code and page is not None:
        name = code.lower()
        told = [json.dumps({"name": name, "page": page}, ensure_ascii=False, indent=2)]
        screen.say(*(told if as_json else _painted(screen, page)))
        return
    chosen = [_find(code)] if code else list(catalog.codes().values())
    if as_json:
        entries = [_entry(c) for c in chosen]
        screen.say(json.dumps(entries[0] if code else entries, indent=2, ensure_ascii=False))
    elif code:
        screen.say(*_painted(screen, error_page(chosen[0])))
    else:
        heads = [Column("code", fixed=True), Column("name", fixed=True), Column("means")]
        screen.say(*table(screen, heads, [(c.id, c.slug, c.title) for c in chosen]))


def _definition(text: str) -> str | None:
    """The page of an aggregate or a function of that name."""
    name = text.lower()
    if name not in _registered():
        return None
    from featdsl.aggregates.registry import aggregates
    from featdsl.compiler.reference import aggregate_page, function_page
    from featdsl.functions.registry import functions

    pages = [aggregate_page(aggregates()[name])] if name in aggregates() else []
    pages += [function_page(functions()[name])] if name in functions() else []
    return "\n".join(pages)


def _registered() -> set[str]:
    """Names of all aggregates and functions."""
    from featdsl.aggregates.registry import aggregates
    from featdsl.functions.registry import functions

    return set(aggregates()) | set(functions())


def _find(text: str) -> Code:
    codes = catalog.codes()
    by_name = {c.slug: c for c in codes.values()}
    found = codes.get(text.upper()) or by_name.get(text.lower())
    if found is None:
        message = f"there is no diagnostic, aggregate or function `{text}`"
        raise Failure(
            catalog.UNKNOWN_CODE.general(message).help(
                _nearest_number(text.upper(), codes)
                or did_you_mean(text.lower(), [*by_name, *_registered()])
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
            yield from _wrapped(screen, paragraph, width)
            paragraph = []
        if not line.strip() and not code:
            yield ""


def _wrapped(screen: Screen, paragraph: list[str], width: int) -> Iterator[str]:
    """A paragraph as one; a list line by line; a table as tables are shown."""
    if all(line.startswith("|") for line in paragraph) and len(paragraph) > 2:
        yield from _table(screen, paragraph)
    elif any(line.lstrip().startswith(("- ", "* ", "|", "1.")) for line in paragraph):
        yield from paragraph
    else:
        yield from textwrap.wrap(" ".join(paragraph), width, break_on_hyphens=False)


def _table(screen: Screen, lines: list[str]) -> Iterator[str]:
    heads, _, *rows = [_cells(line) for line in lines]
    if any(heads) or len(heads) != 2 or screen.width is None:
        shown = table(screen, heads, rows)
        # Facts have no heads: what they are stands before them.
        yield from shown if any(heads) else shown[2:]
        return
    left = max(len(name) for name, _ in rows) + 2
    for name, fact in rows:
        said = textwrap.wrap(fact, max(screen.width - left, 20), break_on_hyphens=False) or [""]
        yield f"{name.ljust(left)}{said[0]}".rstrip()
        yield from (" " * left + line for line in said[1:])


def _cells(line: str) -> list[str]:
    """Cells of a Markdown row; a bar within one is escaped there."""
    parts = re.split(r"(?<!\\)\|", line.strip().strip("|"))
    return [p.strip().replace("\\|", "|") for p in parts]
