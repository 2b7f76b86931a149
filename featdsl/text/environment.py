"""References to variables of the environment in settings: ``env("NAME")``."""

from __future__ import annotations

import re

_REFERENCE = re.compile(r"""env\(\s*(["'])([A-Za-z_][A-Za-z0-9_]*)\1\s*\)""")


def variable_of(text: str) -> str | None:
    """The variable that a text names, or None where it is no reference."""
    match = _REFERENCE.fullmatch(text)
    return None if match is None else match[2]
