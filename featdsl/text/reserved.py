"""The words that are names only between backticks."""

from __future__ import annotations

_WORDS = "and or not in is between like matches if then else case when end true false null"
RESERVED = frozenset(_WORDS.split())
