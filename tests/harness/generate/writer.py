"""Random typed expressions as FEAT text, out of the forms of `forms/`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TypeVar

from tests.harness.generate.kinds import LITERALS, NUMBERS
from tests.harness.registry import modules

T = TypeVar("T")


@dataclass
class Names:
    """What may be named where an expression stands, by kind.

    ``as_of`` says whether the as-of time may be; ``aggregate`` makes aggregate calls;
    ``constants`` are what stands for a literal where a constant is needed.
    """

    by_kind: dict[str, list[str]]
    as_of: bool = False
    dollars: dict[str, list[str]] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)
    functions: dict[str, list[tuple[str, Sequence[str]]]] = field(default_factory=dict)
    constants: dict[str, list[str]] = field(default_factory=dict)
    aggregate: Callable[[str, int], str | None] = lambda kind, depth: None


@dataclass
class Writer:
    """Writes expressions of a kind with some names in sight."""

    r: Random
    names: Names

    def of(self, kind: str, depth: int) -> str:
        """An expression of a kind, at most ``depth`` operators deep."""
        if depth <= 0 or self.r.random() < 0.25:
            return self.leaf(kind, depth)
        for _ in range(4):
            made = self.pick(forms(kind))(self, depth - 1)
            if made is not None:
                return made
        return self.leaf(kind, depth)

    def leaf(self, kind: str, depth: int = 0) -> str:
        if kind == "ts" and self.names.as_of and self.r.random() < 0.15:
            return "as_of"
        found = self.names.aggregate(kind, depth) if self.r.random() < 0.75 else None
        if found is not None:
            return found
        known = self.names.by_kind.get(kind, [])
        if known and self.r.random() < 0.85:
            return self.pick(known)
        dollars = self.names.dollars.get(kind, [])
        if dollars and self.r.random() < 0.4:
            return self.pick(dollars)
        return self.pick(LITERALS[kind])

    def maybe(self, kind: str, depth: int) -> str | None:
        """An expression of a kind that may have no constant, and so none at all."""
        if kind in LITERALS:
            return self.of(kind, depth)
        if depth > 0 and self.chance(0.5):
            made = self.pick(forms(kind))(self, depth - 1)
            if made is not None:
                return made
        found = self.names.aggregate(kind, depth) if self.chance(0.5) else None
        known = self.names.by_kind.get(kind, [])
        return found or (self.pick(known) if known else None)

    def constant(self, *literals: str) -> str:
        """One of them, or a parameter or constant that is the same."""
        literal = self.pick(literals)
        known = self.names.constants.get(literal, [])
        return self.pick(known) if known and self.chance(0.5) else literal

    def pick(self, items: Sequence[T]) -> T:
        return self.r.choice(items)

    def chance(self, share: float) -> bool:
        return self.r.random() < share

    def number(self, depth: int) -> str:
        return self.of(self.pick(NUMBERS), depth)

    def time(self, depth: int) -> str:
        return self.of(self.pick(("ts", "ts", "date")), depth)


Form = Callable[[Writer, int], str | None]
"""Writes an expression whose operands are at most so deep; None where it cannot stand."""

_FORMS: dict[str, list[Form]] = {}


def forms(kind: str) -> list[Form]:
    """Every form that gives a value of a kind."""
    if not _FORMS:
        for module in modules("tests.harness.generate.forms"):
            for kinds, made in module.FORMS.items():
                for one in kinds if isinstance(kinds, tuple) else (kinds,):
                    _FORMS.setdefault(one, []).extend(made(one) if callable(made) else made)
    return _FORMS[kind]
