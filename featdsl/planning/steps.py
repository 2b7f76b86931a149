"""Steps under way, and rows that were asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto

from featdsl.ir.plan import Operation, Step, columns
from featdsl.ir.program import Entity, Program
from featdsl.text.span import Span


class Sight(Enum):
    """When rows are looked at."""

    AS_OF = auto()  # at the as-of time, one for all
    EVERY = auto()  # at many times: rows come with the times between which they are seen
    EVER = auto()  # at many times, those before a row's own among them
    UNTIL = auto()  # as labels do: at the time up to which they are known
    STORED = auto()  # at no time: all of them, as spines do


@dataclass(frozen=True, slots=True)
class Rows:
    """A step with rows; with `Sight.EVERY` or `EVER` a row is seen at t if start <= t < end.

    ``start`` and ``end`` are columns of the step; None, or null in a row, is no limit. With no
    ``start`` at all a row is seen from its time on, or always where it has none.
    """

    step: str
    start: str | None = None
    end: str | None = None


@dataclass(frozen=True, slots=True)
class Times:
    """All times at which rows are looked at: a column of a step.

    A row is looked at only at times of its own ``keys``: stored columns of it, each with a column
    of the step.
    """

    step: str
    column: str
    keys: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Steps:
    """Steps under way; names are made unique here. Rows that were asked for are there once.

    ``until`` is the time up to which labels over a source are known, where it is given.
    ``reserved`` are names of tables that are read: a step of that name would hide the table.
    ``arrival`` is the column with the place of a row among the stored ones, where rows that are
    looked at at no time have one. ``unlisted`` are entities whose population does not say which
    keys exist.
    """

    program: Program
    given: frozenset[str] = frozenset()
    items: list[Step] = field(default_factory=list)
    known: dict[tuple[str, Sight], Rows] = field(default_factory=dict)
    until: Mapping[str, datetime] = field(default_factory=dict)
    reserved: frozenset[str] = frozenset()
    unlisted: frozenset[str] = frozenset()
    arrival: str | None = None
    _taken: set[str] = field(default_factory=set)
    _numbers: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, operation: Operation, note: str, span: Span | None) -> str:
        """Append a step and return its name, numbered where it is taken."""
        if not self._taken:
            self._taken = {s.name.lower() for s in self.items} | {r.lower() for r in self.reserved}
        unique = free_name(name, self._taken, self._numbers)
        self.items.append(Step(name=unique, operation=operation, note=note, span=span))
        return unique

    def listed(self, entity: Entity) -> bool:
        """Whether a population says which keys of an entity exist."""
        return entity.population is not None and entity.name not in self.unlisted

    def columns(self, name: str) -> tuple[str, ...]:
        return columns(next(s.operation for s in reversed(self.items) if s.name == name))


def free_name(stem: str, taken: set[str], numbers: dict[str, int] | None = None) -> str:
    """The name, numbered where it is taken; ``taken`` is in lower case, and takes it.

    ``numbers`` of stems are where counting goes on: names that are taken stay taken.
    """
    name, n = stem, 2 if numbers is None else numbers.get(stem, 2)
    while name.lower() in taken:
        name, n = f"{stem}_{n}", n + 1
    taken.add(name.lower())
    if numbers is not None:
        numbers[stem] = n
    return name
