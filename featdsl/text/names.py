"""Full names, ``namespace.group.feature``."""

from __future__ import annotations


def short_name(name: str) -> str:
    """The last part of a full name: how a thing is called where its namespace is known."""
    return name.rpartition(".")[2]
