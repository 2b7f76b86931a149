"""Words that are names only between backticks."""

from __future__ import annotations

_WORDS = "and or not in is between like matches if then else case when end true false null"
_CLAUSES = "where over by per among default as distinct via ago sql"

RESERVED = frozenset(_WORDS.split())
"""Everywhere."""
IN_EXPRESSIONS = RESERVED | frozenset(_CLAUSES.split())
"""Where a column may stand: those that would be read as a clause, too."""
