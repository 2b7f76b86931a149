"""Keeps what is secret out of documents: passwords in addresses and connection strings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from featdsl.ir.text import HIDDEN

_USERINFO: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://)[^/\s@\"'`]+@")
_QUOTED: Final = re.compile(r'"""[\s\S]*?"""|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'')
_PASSWORD: Final = re.compile(
    r"\b((?:password|passwd|pwd|secret|token|api_?key|access_?key)\s*=\s*)[^\s;&\"',)]+",
    re.IGNORECASE,
)
_HIDDEN: Final = rf"\1{HIDDEN}"


def redact_location(location: str) -> str:
    """An address or connection string without its user and password."""
    return _PASSWORD.sub(_HIDDEN, _USERINFO.sub(rf"\1{HIDDEN}@", location))


def passwords_in(location: str) -> Iterator[str]:
    """What `redact_location` hides in an address or connection string."""
    for found in _USERINFO.finditer(location):
        yield found[0][len(found[1]) : -1]
        yield found[0][len(found[1]) : -1].partition(":")[2]
    for found in _PASSWORD.finditer(location):
        yield found[0][len(found[1]) :]


def redact_text(text: str, secrets: Iterable[str] = ()) -> str:
    """FEAT text whose strings hold no user and password, and no value of a secret parameter.

    Args:
        text: Any piece of a `.feat` file.
        secrets: Short names of secret parameters: ``$name = "…"`` of a test is hidden, and so
            is a default.
    """
    for name in secrets:
        given = rf"(\${re.escape(name)}\s*=\s*)({_QUOTED.pattern}|\S+)"
        text = re.sub(given, rf'\1"{HIDDEN}"', text)
    return _QUOTED.sub(lambda quoted: redact_location(quoted[0]), text)
