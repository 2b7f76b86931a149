"""Diagnostics for editors and logs: a line each, which begins with the place."""

from __future__ import annotations

from collections.abc import Iterator

from featdsl.diagnostics.found import Found
from featdsl.diagnostics.model import Diagnostic
from featdsl.diagnostics.render.text import shown


def render_concise(found: Found) -> Iterator[str]:
    """Lines ``path:line:column: error[FD0202 unknown-column] message``.

    Lines and columns count from 1, columns in characters. What has no place names the file that it
    is about, or ``featc.toml``, without line and column.
    """
    for d in found.diagnostics:
        place = shown(_place(d, found).replace("\n", "\\n"))
        message = shown(" ".join(d.message.splitlines()))
        yield f"{place}: {d.severity.value}[{d.code.id} {d.code.slug}] {message}"


def _place(d: Diagnostic, found: Found) -> str:
    if d.primary is None:
        return found.path("featc.toml")
    return found.path(found.sources.where(d.primary.span))
