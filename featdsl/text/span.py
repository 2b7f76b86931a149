"""Positions in source text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Half-open character range ``[start, end)`` in one source file.

    ``source`` is the file's path relative to the project, with forward slashes.
    """

    source: str
    start: int
    end: int

    def to(self, other: Span) -> Span:
        """Smallest span covering both; the two must be in the same file."""
        return Span(self.source, min(self.start, other.start), max(self.end, other.end))
