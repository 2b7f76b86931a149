"""What stands in for a value where there is none."""

from __future__ import annotations


class Stopped(Exception):
    """A run would stop here: a value that does not fit, or data that have no one meaning."""


class Unanswered(Exception):
    """What the oracle has no answer to: outside of Python's years, or left to the engine."""
