"""Markdown of doc comments, and sentences with code in backticks, as HTML.

Raw HTML stays text, images are not loaded, links go where `is_safe_link` lets them.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

from featdsl.site.html import HIDDEN_CHARACTERS, Html, element, is_safe_link, join

_CODE: Final = re.compile(r"`` (.+?) ``|`([^`]+)`")
AS_OF: Final = "as-of time"
_AS_OF: Final = element("span", AS_OF, class_="nobr")
_LOWEST_HEADING: Final = 6
_OUTER_HEADINGS: Final = 3
"""Headings of the page itself: those of a doc comment lie below."""


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    parser.validateLink = is_safe_link  # type: ignore[method-assign, assignment]
    return parser


@lru_cache(maxsize=4096)
def markdown(text: str | None) -> Html:
    """A doc comment as HTML; nothing for None."""
    if not text:
        return Html("")
    tokens = _parser().parse(_visible(text))
    for token in tokens:
        _adapt(token)
    rendered = _parser().renderer.render(tokens, _parser().options, {})
    return Html(rendered)


def _visible(text: str) -> str:
    return HIDDEN_CHARACTERS.sub(lambda c: f"\\\\u{{{ord(c[0]):x}}}", text)


def _adapt(token: Token) -> None:
    if token.type in ("heading_open", "heading_close"):
        level = min(_LOWEST_HEADING, int(token.tag[1:]) + _OUTER_HEADINGS)
        token.tag = f"h{level}"
    # Table cells come with an inline style, which pages do not have.
    align = str(token.attrs.pop("style", "")).removeprefix("text-align:")
    if align:
        token.attrs["class"] = f"align-{align}"


def prose(text: str) -> Html:
    """A sentence whose backticks mark code; everything else is plain text."""
    parts: list[str] = []
    end = 0
    for code in _CODE.finditer(text):
        parts += _unbroken(text[end : code.start()])
        parts.append(element("code", code[1] or code[2]))
        end = code.end()
    return join((*parts, *_unbroken(text[end:])))


def _unbroken(text: str) -> list[str]:
    """Plain text in which no line ends within "as-of time"."""
    first, *rest = text.split(AS_OF)
    return [first, *(part for after in rest for part in (_AS_OF, after))]
