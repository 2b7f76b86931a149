"""The command line that a process was started with, for the records of what it does."""

from __future__ import annotations

from contextvars import ContextVar

COMMAND: ContextVar[tuple[str, ...]] = ContextVar("command", default=())
"""Its words, the program's name first; empty where featc is used from Python."""
