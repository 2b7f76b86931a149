"""Mistakes that are seen without the grammar: sizes, control characters, texts without an end."""

from __future__ import annotations

import re
from collections.abc import Iterator

from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Diagnostic
from featdsl.syntax.limits import FILE_BYTES, FILE_LEXEMES
from featdsl.syntax.scan import Kind, Scan
from featdsl.text.span import Span

# Control characters but tab and line ends; marks and overrides of writing direction, which
# make a text read otherwise than it is (CVE-2021-42574); spaces without width; lone surrogates.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069"
    "\ud800-\udfff]"
)
_SPREAD = "spread the declarations over several files of the namespace"


def too_large(text: str, source: str) -> Diagnostic | None:
    """The refusal of a file that is larger than the limit."""
    if len(text) <= FILE_BYTES // 4:
        return None
    size = len(text.encode("utf-8", "surrogatepass"))
    if size <= FILE_BYTES:
        return None
    return catalog.TOO_LONG.at(
        Span(source, 0, 0), f"the file has {size:,} bytes, the limit is {FILE_BYTES:,}"
    ).help(_SPREAD)


def too_many(scan: Scan, source: str) -> Diagnostic | None:
    """The refusal of a file that has more lexemes than the limit."""
    if len(scan.lexemes) <= FILE_LEXEMES:
        return None
    first = scan.lexemes[FILE_LEXEMES]
    return catalog.TOO_LONG.at(
        Span(source, first.start, first.end),
        f"the file has {len(scan.lexemes):,} words and signs, the limit is {FILE_LEXEMES:,}",
        "the first above the limit",
    ).help(_SPREAD)


def lexical_mistakes(scan: Scan, source: str) -> Iterator[Diagnostic]:
    """Mistakes of characters and quotes; the text at such a place is not parsed."""
    for match in _INVISIBLE.finditer(scan.text):
        number = ord(match[0])
        yield (
            catalog.CONTROL_CHARACTER.at(
                Span(source, match.start(), match.end()),
                f"invisible control character U+{number:04X}",
            ).help(f"take it out; inside a text it is written `\\u{{{number:X}}}`")
        )
    for lexeme in scan.lexemes:
        if lexeme.kind is Kind.UNTERMINATED:
            yield _unterminated(lexeme.text, Span(source, lexeme.start, lexeme.end))


def _unterminated(text: str, span: Span) -> Diagnostic:
    quote = '"""' if text.startswith('"""') else text[0]
    place = Span(span.source, span.start, span.start + len(quote))
    if quote == "`":
        headline = "a name in backticks does not end on its line"
    elif quote == '"""':
        headline = 'a text that begins with `"""` never ends'
    else:
        headline = "a text does not end on its line"
    diagnostic = catalog.UNTERMINATED.at(place, headline, "begins here")
    if quote in "\"'":
        return diagnostic.help(
            f'add `{quote}` at its end; texts of several lines stand between `"""` and `"""`'
        )
    shown = f"`` {quote} ``" if quote == "`" else f"`{quote}`"
    return diagnostic.help(f"add {shown} at its end")
