"""Values that hold values: lists are tuples, maps are these. They never change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any


@dataclass(frozen=True, slots=True)
class MapValue:
    """A map: its entries in the order of their keys, each key once. Equal entries, equal maps."""

    entries: tuple[tuple[Any, Any], ...] = ()

    @classmethod
    def of(cls, entries: Iterable[tuple[Any, Any]]) -> MapValue:
        """Put entries in order.

        Raises:
            ValueError: a key stands twice.
        """
        ordered = sorted(entries, key=lambda entry: entry[0])
        for (key, _), (other, _) in pairwise(ordered):
            if key == other:
                raise ValueError(f"the key {key!r} stands twice")
        return cls(tuple(ordered))

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)
