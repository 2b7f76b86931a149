"""HTML from escaped parts: the only place where text becomes markup.

A child is escaped unless it is `Html`, and only `element`, `page` and the Markdown renderer
make `Html`. Attributes come from a list; `style` and event handlers are not on it, and a link
goes nowhere but to http, https, mailto or a relative address.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from html import escape as _escape
from typing import Final, TypeAlias


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


Child: TypeAlias = "str | int | Iterable[Child] | None"
Attribute: TypeAlias = str | int | bool | None

_VOID: Final = frozenset({"br", "hr", "input", "link", "meta"})
_GLOBAL: Final = "class hidden id lang role tabindex title data-entry data-filter data-root"
_ARIA: Final = (
    "aria-autocomplete aria-controls aria-current aria-expanded aria-hidden aria-label "
    "aria-labelledby"
)
_OF_ELEMENTS: Final = (
    "autocomplete charset content defer href http-equiv name open placeholder rel scope "
    "spellcheck src type value"
)
_OF_DRAWINGS: Final = "d height rx text-anchor viewBox width x x1 x2 y y1 y2"
_ATTRIBUTES: Final = frozenset(f"{_GLOBAL} {_ARIA} {_OF_ELEMENTS} {_OF_DRAWINGS}".split(" "))
_LINKS: Final = frozenset({"href", "src"})
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_ALLOWED_SCHEMES: Final = ("http:", "https:", "mailto:")
# Control characters, those that turn the direction of text, and halves of characters.
HIDDEN_CHARACTERS: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def escape(text: str) -> str:
    """Text for HTML, also within quoted attributes; invisible characters become visible."""
    return _escape(HIDDEN_CHARACTERS.sub(lambda c: f"\\u{{{ord(c[0]):x}}}", text), quote=True)


def element(tag: str, *children: Child, **attributes: Attribute) -> Html:
    """One element with its content.

    Args:
        tag: The element's name: a constant, never text of a project.
        children: Text (escaped), `Html` (kept), nested lists of both; None is nothing.
        attributes: By name; a trailing underscore goes away, others become hyphens. None and
            False leave an attribute out, True writes its name alone.

    Raises:
        ValueError: an attribute that is not on the list, or a link with a scheme that is not.
    """
    opening = "".join(_attribute(name, value) for name, value in attributes.items())
    if tag in _VOID:
        return Html(f"<{tag}{opening}>")
    return Html(f"<{tag}{opening}>{join(children)}</{tag}>")


def join(children: Iterable[Child]) -> Html:
    """Parts one after the other, text escaped."""
    return Html("".join(map(_child, children)))


def _child(child: Child) -> str:
    if child is None:
        return ""
    if isinstance(child, Html):
        return child
    if isinstance(child, str | int):
        return escape(str(child))
    return "".join(map(_child, child))


@lru_cache(maxsize=1 << 16)
def _attribute(name: str, value: Attribute) -> str:
    written = name.rstrip("_").replace("_", "-")
    if written not in _ATTRIBUTES:
        raise ValueError(f"not an attribute that pages may have: {written!r}")
    if value is None or value is False:
        return ""
    if value is True:
        return f" {written}"
    if written in _LINKS and not is_safe_link(str(value)):
        raise ValueError(f"not an address that pages may link to: {value!r}")
    return f' {written}="{escape(str(value))}"'


def is_safe_link(address: str) -> bool:
    """Whether an address is relative, or of http, https or mailto."""
    # Browsers drop white space and control characters within a scheme.
    bare = re.sub(r"[\x00-\x20\x7f-\xa0\u2028\u2029]", "", address)
    if bare.startswith(("//", "\\", "/\\")):
        return False
    found = _SCHEME.match(bare)
    return found is None or found[0].lower() in _ALLOWED_SCHEMES


def page(*children: Child, **attributes: Attribute) -> Html:
    """A whole document."""
    return Html(f"<!doctype html>\n{element('html', *children, **attributes)}\n")
