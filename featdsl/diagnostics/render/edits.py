"""A fix as the edit of a text: which characters go, and what comes in their place."""

from __future__ import annotations

import re
from dataclasses import dataclass

from featdsl.diagnostics.model import Diagnostic
from featdsl.text.reserved import IN_EXPRESSIONS
from featdsl.text.sources import SourceSet
from featdsl.text.span import Span

_PLAIN = re.compile(r"\$?[a-z_][a-z0-9_-]*(\.[a-z_][a-z0-9_]*)*")
_QUOTES = ("", "`", '"')


@dataclass(frozen=True, slots=True)
class Edit:
    span: Span
    replacement: str


def edit_of(diagnostic: Diagnostic, sources: SourceSet) -> Edit | None:
    """The edit that mends the text, quotes kept; None where no edit is sure to be right.

    It is not where the text at the place is another than the one that was complained about, or
    the name that is meant would need quotes.
    """
    fix = diagnostic.fix
    if fix is None or fix.span.source not in sources.files:
        return None
    there = sources.slice(fix.span)
    if not fix.is_name:
        return Edit(fix.span, fix.meant) if there == fix.written else None
    for quote in _QUOTES:
        written = f"{quote}{fix.written}{quote}"
        if there == written or there.endswith(f".{written}"):
            if not quote and (fix.meant in IN_EXPRESSIONS or not _PLAIN.fullmatch(fix.meant)):
                return None
            span = Span(fix.span.source, fix.span.end - len(written), fix.span.end)
            return Edit(span, f"{quote}{fix.meant}{quote}")
    return None
