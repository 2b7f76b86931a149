"""What relations start from, and how they ask again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any

from featdsl.ir import expr as ir
from featdsl.ir.program import Group, Program, Source, View
from featdsl.ir.visit import walk
from tests.harness.case import Case, Table
from tests.harness.compare import different
from tests.harness.condition import Condition, cells
from tests.harness.engine import Engine
from tests.harness.oracle import STOPS, group_values

MICRO = timedelta(microseconds=1)
Row = dict[str, Any]


@dataclass
class Ground:
    """A group of a program with rows and a time; ``base`` are its values.

    A relation that does not hold for what is there gives None.
    """

    r: Random
    program: Program
    case: Case
    engine: Engine
    name: str
    base: Table = field(init=False)

    def __post_init__(self) -> None:
        self.base = self.ask()

    @property
    def group(self) -> Group:
        return self.program.groups[self.name]

    def ask(
        self,
        *,
        program: Program | None = None,
        stored: Mapping[str, Sequence[Row]] | None = None,
        engine: Engine | None = None,
        how: str = "param",
        name: str | None = None,
    ) -> Table:
        """The group's values with something else in place of what is there."""
        engine, program = engine or self.engine, program or self.program
        engine.load(program, self.case.stored if stored is None else stored)
        return engine.group(
            program, name or self.name, self.case.as_of, how, population=self.case.population
        )

    def compared(self, other: Table, *, more: bool = False) -> list[str]:
        """What differs from the base; ``more`` keys may be there."""
        if more:
            other = {k: v for k, v in other.items() if k in self.base}
        return list(different(self.program, self.name, self.base, other, self._slack))

    def _slack(self, place: Any) -> float:
        """How far a float may be apart, as the oracle says it."""
        asked = partial(group_values, self.program, self.name, self.case)
        try:
            return Condition(lambda: cells(asked()), cells(asked())).slack(place)
        except STOPS:
            return 0.0

    # --- The program

    @property
    def root(self) -> Source:
        return self.program.root(self.group.relation)

    def relations(self) -> Iterator[View]:
        """Views that the group reads, from its own down."""
        found = self.program.relation(self.group.relation)
        while isinstance(found, View):
            yield found
            found = self.program.relation(found.left)

    def apart(self) -> bool:
        """Whether the root's rows are read once: neither joined, nor those of a population."""
        joined = {j.source for v in self.relations() for j in v.joins}
        listed = {e.population for e in self.program.entities.values()}
        return self.root.name not in joined | listed

    def row_expressions(self) -> Iterator[ir.Expr]:
        """What is asked of rows before they come to the group."""
        for source in self.program.sources.values():
            yield from (d.condition for d in source.drops)
        for view in self.relations():
            yield from (let.value for let in view.lets)
            yield from (e for join in view.joins for e, _ in join.on)
            yield from (j.residual for j in view.joins if j.residual is not None)
            yield from () if view.where is None else (view.where,)

    def aggregates(self, feature: str) -> Iterator[ir.Aggregate]:
        """Every aggregate that a feature rests on, by its full name."""
        for node in walk(self.program.feature(feature).expr):
            if isinstance(node, ir.Aggregate):
                yield node
            if isinstance(node, ir.FeatureRef):
                yield from self.aggregates(node.feature)

    def windows(self) -> Iterator[ir.Window]:
        """Windows of every group: others may be read too."""
        for feature in self.program.features():
            for node in walk(feature.expr):
                if isinstance(node, ir.Aggregate) and isinstance(node.window, ir.Window):
                    yield node.window

    def alone(self) -> bool:
        """Whether the group reads no other group."""
        for feature in self.group.features.values():
            for node in walk(feature.expr):
                if isinstance(node, ir.Via | ir.Ago | ir.Among):
                    return False
                if isinstance(node, ir.FeatureRef) and node.feature not in self.group.features:
                    return False
        return True

    # --- Rows

    def another(self, source: Source, changes: Mapping[str, Any]) -> Row | None:
        """A row made of cells of others, with its own number, and changes."""
        rows = self.case.stored[source.name]
        if not rows:
            return None
        row = dict(self.r.choice(rows))
        keys = {c for role in source.roles for c in role.columns} | {"batch"}
        if source.snapshot is not None:  # with another time it would be another table
            seen = None if source.available is None else source.available.column
            keys |= {source.snapshot.column, *([seen] if seen else [])}
        for column in row:
            if column not in keys and self.r.random() < 0.5:
                row[column] = self.r.choice(rows)[column]
        if "id" in source.columns:
            row["id"] = 1_000_000 + self.r.randrange(1_000_000)
        return row | dict(changes)

    def with_rows(self, more: Mapping[str, Sequence[Row]]) -> dict[str, list[Row]]:
        """The stored rows and others, anywhere among them."""
        found = {}
        for name, rows in self.case.stored.items():
            found[name] = [*map(dict, rows), *more.get(name, ())]
            if name in more:
                self.r.shuffle(found[name])
        return found

    def without(self, features: set[str]) -> Ground:
        """The ground with some of the features only, by full name."""
        kept = {n: f for n, f in self.group.features.items() if n in features}
        groups = {**self.program.groups, self.name: replace(self.group, features=kept)}
        return Ground(
            self.r, replace(self.program, groups=groups), self.case, self.engine, self.name
        )


@dataclass(frozen=True)
class Relation:
    """``differences`` gives what differs, or None where the relation says nothing."""

    name: str
    says: str
    differences: Callable[[Ground], list[str] | None]
