"""Python code of a project, as fingerprints see it."""

from __future__ import annotations

import hashlib
from pathlib import Path

_LONGEST = 1 << 20


def code_digest(path: Path) -> str | None:
    """A digest of a file of code; None where it cannot be read, which a run will tell.

    The kind of line ends and blanks at the end of lines do not count. All else does, comments
    too: what of the text decides about rows, only its language could say, and its trees differ
    from version to version.
    """
    try:
        with path.open("rb") as file:
            text = file.read(_LONGEST + 1)
    except OSError:
        return None
    lines = [line.rstrip() for line in text.splitlines()]
    return hashlib.sha256(b"\n".join(lines).strip(b"\n")).hexdigest()
