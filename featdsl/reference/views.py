"""Rows of a view: those of its left side, with what was known then of others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from featdsl.ir.program import Join, Let, Program, Source, View
from featdsl.ir.relations import order_of
from featdsl.ir.text import canonical
from featdsl.reference.casts import cast
from featdsl.reference.expressions import evaluate, is_true
from featdsl.reference.joins import Found, SightOf
from featdsl.reference.rows import Ask, Row, RowScope
from featdsl.reference.trace import Fate, Sight, Why
from featdsl.reference.values import Value
from featdsl.text.names import short_name

SOURCE_NAME = "source_name"
"""The column of a union that tells where a row comes from."""


class Late(Mapping[str, Value]):
    """Values of a row, and beside them those that are calculated when they are asked for, once.

    A calculation that does not fit its type stops the run only for a row that counts.
    ``joined`` gives columns of joins, by alias.
    """

    def __init__(self, known: Mapping[str, Value]) -> None:
        self.known = known
        self.joined: dict[str, Callable[[str], Value]] = {}
        self.late: dict[str, Callable[[], Value]] = {}
        self.computed: dict[str, Value] = {}

    def __getitem__(self, name: str) -> Value:
        alias, _, column = name.partition(".")
        if name in self.late:
            if name not in self.computed:
                self.computed[name] = self.late[name]()
            return self.computed[name]
        if column and alias in self.joined:
            return self.joined[alias](column)
        return self.known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*self.known, *self.late)))

    def __len__(self) -> int:
        return len(dict.fromkeys((*self.known, *self.late)))


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around the rows of a view: other rows, other features, as of a time.

    ``lefts`` are the rows that it stands on, where they are not those of the time.
    """

    program: Program
    sight: SightOf
    ask: Ask
    at: datetime
    lefts: SightOf | None = None

    def left(self, name: str) -> Sight:
        """The rows of a relation that a view stands on."""
        return (self.lefts or self.sight)(name, self.at)


def view_at(view: View, around: Around) -> Sight:
    """Joins, then lets, then ``where``, of each row that the left side has at the time."""
    left = _union(view, around) if view.is_union else around.left(view.left)
    made = [_begun(row, around) for row in left.rows]
    for join in view.joins:
        made = [pair for row, scope in made for pair in _joined(join, row, scope, around)]
    rows: list[Row] = []
    hidden = list(left.hidden)
    for row, scope in made:
        for let in view.lets:
            assert isinstance(row.values, Late)
            row.values.late[let.name] = partial(_let, let, scope)
        if is_true(view.where, scope):
            rows.append(row)
        else:
            assert view.where is not None
            hidden.append(Fate(row, Why.VIEW, f"{view.short}: where {canonical(view.where)}"))
    return Sight(tuple(rows), tuple(hidden))


def _begun(row: Row, around: Around) -> tuple[Row, RowScope]:
    """A row of the left side, and what reads it."""
    values, zone = Late(row.values), around.program.timezone
    scope = RowScope(values, around.at, zone, row.then(around.at), around.ask)
    return replace(row, values=values), scope


def _union(view: View, around: Around) -> Sight:
    """Rows of several, by the names of their columns.

    Those of one time are in the order of their ties, where these are the same columns, and then
    of the sources.
    """
    rows: list[Row] = []
    hidden: list[Fate] = []
    orders = {order_of(around.program, name) for name in view.lefts}
    tied = len(orders) == 1 and orders != {()}
    for position, name in enumerate(view.lefts):
        sight = around.left(name)
        for row in sight.rows:
            values = Late(row.values)
            if SOURCE_NAME not in row.values:
                values.late[SOURCE_NAME] = partial(short_name, name)
            ties = (*row.ties, position) if tied else (position,)
            rows.append(replace(row, values=values, ties=ties))
        hidden += sight.hidden
    return Sight(tuple(rows), tuple(hidden))


def roots(program: Program, name: str) -> list[Source]:
    """The sources whose rows a relation's rows are."""
    relation = program.relation(name)
    if not isinstance(relation, View):
        return [relation]
    return [root for left in relation.lefts for root in roots(program, left)]


def _joined(
    join: Join, row: Row, scope: RowScope, around: Around
) -> Iterator[tuple[Row, RowScope]]:
    """The row with what a join finds; once for each of them where it is ``many``."""
    found = Found(join, roots(around.program, join.source), scope, around.sight)
    if not join.many:
        yield _with(row, scope, join, found.value)
        return
    matches: Sequence[Row | None] = found.rows() or [None]
    for right in matches:
        if right is None:
            without = replace(row, ties=(*row.ties, (True,)))
            yield _with(without, scope, join, lambda _: None)
        else:
            of_one = replace(row, ties=(*row.ties, (False, found.place(right))))
            yield _with(of_one, scope, join, right.values.__getitem__)


def _with(
    row: Row, scope: RowScope, join: Join, value: Callable[[str], Value]
) -> tuple[Row, RowScope]:
    values = Late(scope.values)
    values.joined[join.alias] = value
    return replace(row, values=values), replace(scope, values=values)


def _let(let: Let, scope: RowScope) -> Value:
    return cast(evaluate(let.value, scope), let.dtype)
