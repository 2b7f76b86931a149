"""Rows of a view: those of its left side, with what was known then of others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from featdsl.ir import expr as ir
from featdsl.ir.program import Join, Let, Source, View
from featdsl.ir.text import canonical
from featdsl.reference.casts import cast
from featdsl.reference.expressions import evaluate, is_true
from featdsl.reference.rows import Ask, Row, RowScope, in_order
from featdsl.reference.stop import Stopped
from featdsl.reference.trace import Fate, Sight, Why
from featdsl.reference.values import Value, equal

SightOf = Callable[[str, datetime], Sight]
"""Rows of a source or view, by its full name, that exist at a time."""


class Late(Mapping[str, Value]):
    """Values of a row, and beside them those that are calculated when they are asked for, once.

    A calculation that does not fit its type stops the run only for a row that counts.
    """

    def __init__(self, known: Mapping[str, Value]) -> None:
        self.known = known
        self.late: dict[str, Callable[[], Value]] = {}
        self.found: dict[str, Value] = {}

    def __getitem__(self, name: str) -> Value:
        if name not in self.late:
            return self.known[name]
        if name not in self.found:
            self.found[name] = self.late[name]()
        return self.found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*self.known, *self.late)))

    def __len__(self) -> int:
        return len(dict.fromkeys((*self.known, *self.late)))


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around the rows of a view: other rows, other features, as of a time."""

    sources: Mapping[str, Source]
    sight: SightOf
    ask: Ask
    timezone: str
    at: datetime


def view_at(view: View, around: Around) -> Sight:
    """Joins, then lets, then ``where``, of each row that the left side has at the time."""
    left = around.sight(view.left, around.at)
    rows: list[Row] = []
    hidden = list(left.hidden)
    for row in left.rows:
        made, scope = _made(view, row, around)
        if is_true(view.where, scope):
            rows.append(made)
        else:
            assert view.where is not None
            hidden.append(Fate(made, Why.VIEW, f"{view.short}: where {canonical(view.where)}"))
    return Sight(tuple(rows), tuple(hidden))


def _made(view: View, row: Row, around: Around) -> tuple[Row, RowScope]:
    values = Late(row.values)
    then = row.then(around.at)
    scope = RowScope(values, around.at, around.timezone, then, around.ask)
    for join in view.joins:
        right = around.sources[join.source]
        found = _Found(join, right, scope, around.sight)
        for name in right.columns:
            values.late[f"{join.alias}.{name}"] = partial(found.value, name)
    for let in view.lets:
        values.late[let.name] = partial(_let, let, scope)
    return replace(row, values=values), scope


def _let(let: Let, scope: RowScope) -> Value:
    return cast(evaluate(let.value, scope), let.dtype)


class _Found:
    """The right row of a join for a left row, looked for once."""

    def __init__(self, join: Join, right: Source, scope: RowScope, sight: SightOf) -> None:
        self.join = join
        self.right = right
        self.scope = scope
        self.sight = sight
        self.looked = False
        self.row: Row | None = None

    def value(self, name: str) -> Value:
        """A column of it; null where there is none."""
        if not self.looked:
            self.row = self._only()
            self.looked = True
        return None if self.row is None else self.row.values[name]

    def _only(self) -> Row | None:
        then = self.scope.then
        if then is None:
            return None
        rows = [row for row in self.sight(self.right.name, then).rows if self._matches(row)]
        if _is_events(self.right):
            past = [row for row in rows if row.time is not None and row.time <= then]
            rows = in_order(past)[-1:]
        if len(rows) > 1:
            raise Stopped(f"{len(rows)} rows of {self.right.name} match one")
        return rows[0] if rows else None

    def _matches(self, row: Row) -> bool:
        for left, column in self.join.on:
            if not equal(evaluate(left, self.scope), row.values[column]):
                return False
        return is_true(self.join.residual, _Beside(self.scope, self.join.alias, row))


class _Beside:
    """A left row with a right one under its alias."""

    def __init__(self, left: RowScope, alias: str, right: Row) -> None:
        self.left = left
        self.alias = alias
        self.right = right
        self.as_of = left.as_of
        self.timezone = left.timezone

    def read(self, node: ir.Expr) -> Value:
        if isinstance(node, ir.Column) and node.qualifier == self.alias:
            return self.right.values[node.name]
        return self.left.read(node)


def _is_events(source: Source) -> bool:
    return source.time is not None and not source.changes
