"""As-of joins: the rows of another source or view that a left row finds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from featdsl.ir import expr as ir
from featdsl.ir.program import Join, Source
from featdsl.reference.expressions import evaluate, is_true
from featdsl.reference.rows import Row, RowScope, in_order
from featdsl.reference.stop import Stopped
from featdsl.reference.trace import Sight
from featdsl.reference.values import Value, equal, order

SightOf = Callable[[str, datetime], Sight]
"""Rows of a source or view, by its full name, that exist at a time."""


@dataclass(slots=True)
class Found:
    """What a join finds for one left row, looked for once and only when it is asked for.

    ``roots`` are the sources whose rows the right ones are, ``scope`` is the left row.
    """

    join: Join
    roots: Sequence[Source]
    scope: RowScope
    sight: SightOf
    _rows: Sequence[Row] | None = field(default=None, init=False)

    def value(self, column: str) -> Value:
        """A column of the one row; null where there is none.

        Raises:
            Stopped: there are several.
        """
        if self._rows is None:
            self._rows = self.rows()
        if len(self._rows) > 1:
            raise Stopped(f"{len(self._rows)} rows of {self.join.source} match one")
        return self._rows[0].values[column] if self._rows else None

    def rows(self) -> Sequence[Row]:
        """Right rows that exist at the left row's time and match; of events the last, or all."""
        then = self.scope.then
        if then is None:
            if any(root.has_history for root in self.roots):
                return []
            then = self.scope.as_of
        rows = [row for row in self.sight(self.join.source, then).rows if self._matches(row)]
        if all(root.time is not None and not root.changes for root in self.roots):
            past = [row for row in rows if row.time is not None and row.time <= then]
            rows = past if self.join.many else in_order(past)[-1:]
        return sorted(rows, key=self.place)

    def place(self, row: Row) -> Any:
        """What orders the right rows of one left row, where it comes out once for each."""
        root = next(r for r in self.roots if r.name == row.origin[0])
        if root.keep is not None:
            return tuple(order(row.values[c]) for c in root.keep.per), row.ties
        if root.key:
            return tuple(order(row.values[c]) for c in root.key), row.ties
        return row.order

    def _matches(self, row: Row) -> bool:
        for left, column in self.join.on:
            if not equal(evaluate(left, self.scope), row.values[column]):
                return False
        return is_true(self.join.residual, _Beside(self.scope, self.join.alias, row.values))


@dataclass(frozen=True, slots=True)
class _Beside:
    """A left row with a right one under its alias."""

    left: RowScope
    alias: str
    right: Mapping[str, Value]

    @property
    def as_of(self) -> datetime:
        return self.left.as_of

    @property
    def timezone(self) -> str:
        return self.left.timezone

    def read(self, node: ir.Expr) -> Value:
        if isinstance(node, ir.Column) and node.qualifier == self.alias:
            return self.right[node.name]
        return self.left.read(node)
