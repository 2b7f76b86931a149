"""What a column's name stands for: a stored column, a `let`, or a joined column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from featdsl.ir.program import Join, Let, Program, Source, View
from featdsl.ir.relations import SOURCE_NAME, columns_of
from featdsl.text.names import short_name


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
    """A column of the right side of ``join``; ``scope`` is what the join's left sides may name.

    ``right`` has the names of the right side.
    """

    view: str
    join: Join
    column: str
    scope: Scope
    right: Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """In a join's own condition, a column of its right side."""

    meaning: Meaning


@dataclass(frozen=True, slots=True, kw_only=True)
class United:
    """A column of a union: it has a meaning in each of its relations, in their order."""

    meanings: tuple[Meaning, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The column of a union that holds the ``names`` of its relations."""

    names: tuple[str, ...]


Meaning: TypeAlias = Stored | Defined | Joined | Right | United | Names


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
            return Right(meaning=self.right(self.joining).find(name))
        relation = self.program.relation(self.relation)
        if isinstance(relation, Source):
            if qualifier is not None or name not in relation.columns:
                raise KeyError(f"{self.relation} has no column {name}")
            return Stored(source=relation.name, column=name, through=self.through)
        if qualifier is None:
            place = relation.places.get(name)
            if place is not None and (self.lets is None or place < self.lets):
                let = relation.lets[place]
                return Defined(view=relation.name, let=let, scope=replace(self, lets=place))
        else:
            for join in relation.joins:
                if join.alias == qualifier:
                    return Joined(
                        view=relation.name,
                        join=join,
                        column=name,
                        scope=replace(self, lets=0, joining=None),
                        right=self.right(join),
                    )
        if not relation.is_union:
            return self.lefts(relation)[0].find(name, qualifier)
        if name == SOURCE_NAME and qualifier is None:
            return self._source_names(relation)
        return United(meanings=tuple(s.find(name, qualifier) for s in self.lefts(relation)))

    def _source_names(self, union: View) -> Meaning:
        """What a union calls its relations: one that has such a column itself keeps it."""
        names: list[str] = []
        for left in self.lefts(union):
            below = left.below_union()
            names += below.names if below is not None else [short_name(left.relation)]
        return Names(names=tuple(names))

    def below_union(self) -> Names | None:
        """The names that a relation gives itself, where it stands on a union."""
        if SOURCE_NAME not in columns_of(self.program, self.relation):
            return None
        found = self.find(SOURCE_NAME)
        return found if isinstance(found, Names) else None

    def right(self, join: Join) -> Scope:
        """The names of a join's right side."""
        through = (*self.through, self.relation)
        return Scope(program=self.program, relation=join.source, through=through)

    def lefts(self, view: View) -> tuple[Scope, ...]:
        """The names of what a view stands on."""
        through = (*self.through, view.name)
        return tuple(Scope(program=self.program, relation=r, through=through) for r in view.lefts)

    def views(self) -> Iterator[tuple[View, Scope]]:
        """The views that the rows pass, from the reader to the source, each with its scope."""
        relation = self.program.relation(self.relation)
        if isinstance(relation, View):
            yield relation, self
            for left in self.lefts(relation):
                yield from left.views()

    def roots(self) -> Iterator[tuple[Source, tuple[str, ...]]]:
        """The sources that the rows come from, and the views passed on the way to each."""
        relation = self.program.relation(self.relation)
        if isinstance(relation, Source):
            yield relation, self.through
            return
        for left in self.lefts(relation):
            yield from left.roots()

    def root(self) -> Source:
        """The source that the rows come from; of a union the first."""
        return next(self.roots())[0]
