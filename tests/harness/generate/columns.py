"""Columns and entities as they are declared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from random import Random
from typing import Any

from tests.harness.generate.kinds import TYPES

BATCH = "batch"
"""The first key of every entity where several sets of rows are put into one."""

Role = tuple[str, ...]
"""Columns that hold an entity's key."""


@dataclass(frozen=True)
class Column:
    """A column as it is named, its kind, and the type that is declared."""

    name: str
    kind: str
    type: str
    required: bool = False

    @property
    def written(self) -> str:
        plain = self.name.replace("_", "").isalnum() and self.name.isascii()
        return self.name if plain and self.name[0].isalpha() else f"`{self.name}`"

    def text(self) -> str:
        return f"{self.written}: {self.type}{' required' if self.required else ''}"


BATCHED = Column(BATCH, "int", "int", True)


@dataclass
class Entity:
    """``pool`` has the keys that rows are of, without the number of a batch."""

    name: str
    keys: list[Column]
    pool: list[tuple[Any, ...]]
    population: str | None = None

    @property
    def own(self) -> list[Column]:
        """The keys but the number of a batch."""
        return [k for k in self.keys if k.name != BATCH]

    def text(self) -> str:
        keys = "  ".join(f"key {k.written}: {k.type}" for k in self.keys)
        listed = f"  from {self.population}" if self.population else ""
        return f"entity {self.name} {{ {keys}{listed} }}"


_VALUES: dict[str, Sequence[Any]] = {
    "int": (1, 2, 3, 23, 12, -1, 2**40),
    "text": ("a", "b", "", "A", "é", "1", "23", "12", "3"),
    "date": (date(2024, 1, 1), date(1969, 12, 31), date(2024, 2, 29)),
    "bool": (True, False),
    "ts": (datetime(2024, 1, 1), datetime(1969, 12, 31, 23, 59), datetime(2024, 3, 31)),
}
_ALIKE = ((1, 23), (12, 3))
"""Keys that are the same text when their parts are put together."""


def make_entity(r: Random, name: str, *, batched: bool) -> Entity:
    """One or two keys of any type."""
    kinds = [r.choice(("int", "int", "text", "text", "date", "bool", "ts"))]
    if r.random() < 0.35:
        kinds.append(r.choice(("int", "text")))
    names = ["k", "k2"] if r.random() < 0.7 else ["id", "at"]
    if r.random() < 0.15:
        names[0] = "Key One"
    keys = [Column(n, k, TYPES[k]) for n, k in zip(names, kinds, strict=False)]
    pool = [tuple(r.choice(_VALUES[k]) for k in kinds) for _ in range(r.randint(2, 4))]
    if len(kinds) == 2 and set(kinds) <= {"int", "text"} and r.random() < 0.7:
        of = {"int": int, "text": str}
        pool[:2] = [tuple(of[k](x) for k, x in zip(kinds, key, strict=True)) for key in _ALIKE]
    return Entity(name, [BATCHED, *keys] if batched else keys, pool)
