"""How large a project is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """Choices of how many there are of each; ``depth`` of expressions."""

    groups: tuple[int, ...]
    features: tuple[int, ...]
    depth: tuple[int, ...]
    sources: tuple[int, ...] = (1,)
    rights: tuple[int, ...] = (0, 1)
    views: tuple[int, ...] = (0, 1)
    unions: float = 0.15
    values: float = 0.3
    """The share of parameters and constants that are there."""


TINY = Size(groups=(1,), features=(1, 2), depth=(0, 1, 1, 2), rights=(0, 1), values=0.1)
SMALL = Size(
    groups=(1, 1, 2),
    features=(3, 4, 6),
    depth=(0, 1, 1, 2, 3),
    rights=(0, 1, 1),
    views=(0, 1, 1, 2),
)
LARGE = Size(
    groups=(1, 2, 3),
    features=(3, 5, 7, 9),
    depth=(0, 1, 1, 2, 3),
    sources=(1, 1, 2),
    rights=(0, 1, 1, 2),
    views=(0, 1, 1, 2),
)
