"""The spelling of the engine's SQL that fingerprints know: of the text itself, whatever reads it.

What a library makes of a text may change with its version, and the fingerprint must not.
"""

from __future__ import annotations

import re

_PARTS = re.compile(r"'(?:[^']|'')*'|\{\s*\w+\s*\}|\s+|[^\s'{]+|.", re.DOTALL)
_APART = re.compile(r"[\w.'\"${}]")
_ALONE = "(),[]"


def spelled(text: str) -> tuple[str, tuple[str, ...]]:
    """A text whose holes are ``{0}``, ``{1}``, … in their order, and what they were called.

    Blanks that part nothing are left out; those within quotes stay.
    """
    names: dict[str, int] = {}
    found: list[str] = []
    blank = False
    verbatim = "$" in text or "\\" in text
    for part in _PARTS.findall(text.strip()):
        if part.isspace():
            if verbatim:
                found.append(part)
            blank = True
            continue
        if part[0] == "{" and len(part) > 1:
            part = f"{{{names.setdefault(part[1:-1].strip(), len(names))}}}"
        if blank and not verbatim and found and _needed(found[-1][-1], part[0]):
            found.append(" ")
        found.append(part)
        blank = False
    return "".join(found), tuple(names)


def _needed(before: str, after: str) -> bool:
    """Whether two signs would become one without what stands between them."""
    if before in _ALONE or after in _ALONE:
        return False
    return bool(_APART.match(before)) == bool(_APART.match(after))
