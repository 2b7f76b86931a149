"""What a column's name stands for: a stored column, a `let`, or a joined column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from featdsl.ir.program import Join, Let, Program, Source, View


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A column of the source whose rows are read; ``through`` are the views passed, in order."""

    source: str
    column: str
    through: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Defined:
    """A `let` of ``view``; ``scope`` is what its definition may name."""

    view: str
    let: Let
    scope: Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """A column of the right side of ``join``; ``scope`` is what the join's left sides may name."""

    view: str
    join: Join
    column: str
    scope: Scope
    through: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """In a join's own condition, a column of its right side."""

    source: str
    column: str
    through: tuple[str, ...]


Meaning: TypeAlias = Stored | Defined | Joined | Right


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The names in sight over a relation's rows.

    ``lets`` is how many of a view's definitions are in sight (None: all). ``joining`` is the
    join whose condition the names stand in.
    """

    program: Program
    relation: str
    lets: int | None = None
    through: tuple[str, ...] = ()
    joining: Join | None = None

    def find(self, name: str, qualifier: str | None = None) -> Meaning:
        """Look a column up.

        Raises:
            KeyError: the relation has no such column.
        """
        if self.joining is not None and qualifier == self.joining.alias:
            through = (*self.through, self.relation)
            return Right(source=self.joining.source, column=name, through=through)
        relation = self.program.relation(self.relation)
        if isinstance(relation, Source):
            if qualifier is not None or name not in relation.columns:
                raise KeyError(f"{self.relation} has no column {name}")
            return Stored(source=relation.name, column=name, through=self.through)
        if qualifier is None:
            for i, let in reversed(list(enumerate(relation.lets[: self.lets]))):
                if let.name == name:
                    return Defined(view=relation.name, let=let, scope=replace(self, lets=i))
        else:
            for join in relation.joins:
                if join.alias == qualifier:
                    return Joined(
                        view=relation.name,
                        join=join,
                        column=name,
                        scope=replace(self, lets=0, joining=None),
                        through=(*self.through, relation.name),
                    )
        return self._left(relation).find(name, qualifier)

    def _left(self, view: View) -> Scope:
        return Scope(program=self.program, relation=view.left, through=(*self.through, view.name))

    def views(self) -> Iterator[tuple[View, Scope]]:
        """The views that the rows pass, from the reader to the source, each with its scope."""
        relation = self.program.relation(self.relation)
        if isinstance(relation, View):
            yield relation, self
            yield from self._left(relation).views()

    def root(self) -> tuple[Source, tuple[str, ...]]:
        """The source that the rows come from, and the views passed on the way."""
        relation = self.program.relation(self.relation)
        if isinstance(relation, Source):
            return relation, self.through
        return self._left(relation).root()
