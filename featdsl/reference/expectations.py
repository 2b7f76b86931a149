"""Row conditions of ``expect``: which rows fail. A null condition passes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from featdsl.ir import expr as ir
from featdsl.ir.visit import column_name
from featdsl.reference.expressions import evaluate
from featdsl.reference.history import undropped
from featdsl.reference.keyscope import Key, KeyScope
from featdsl.reference.oracle import Oracle
from featdsl.reference.rows import Row, RowScope
from featdsl.reference.scope import Scope
from featdsl.reference.spine import TrainingRow
from featdsl.reference.values import Value


def failing_stored(oracle: Oracle, source: str, condition: ir.Expr) -> list[Row]:
    """Of a source: stored rows that are not dropped, all versions of them."""
    declared = oracle.program.sources[source]
    rows, _ = undropped(declared, oracle.stored_rows(source), oracle.timezone)
    return [row for row in rows if _fails(condition, _scope(oracle, row.values))]


def failing_rows(oracle: Oracle, view: str, condition: ir.Expr, at: datetime) -> list[Row]:
    """Of a view: its rows at a time."""
    rows = oracle.sight(view, at).rows
    return [row for row in rows if _fails(condition, _scope(oracle, row.values, at))]


def failing_keys(oracle: Oracle, group: str, condition: ir.Expr, at: datetime) -> list[Key]:
    """Of a group: its output at a time, of which a condition may name the keys too."""
    return [
        key
        for key in oracle.keys(group, at)
        if _fails(condition, _Output(KeyScope(oracle, group, key, at), oracle))
    ]


def failing_training_rows(
    oracle: Oracle, rows: Sequence[TrainingRow], condition: ir.Expr
) -> list[TrainingRow]:
    """Of a data set: rows of a training set, by the names of its columns."""
    return [row for row in rows if _fails(condition, _scope(oracle, row.values))]


def _fails(condition: ir.Expr, scope: Scope) -> bool:
    return evaluate(condition, scope) is False


def _scope(oracle: Oracle, values: Mapping[str, Value], at: datetime | None = None) -> RowScope:
    return RowScope(values, at or datetime.min, oracle.timezone)


@dataclass(frozen=True, slots=True)
class _Output:
    """A row of a group's output."""

    row: KeyScope
    oracle: Oracle

    @property
    def as_of(self) -> datetime:
        return self.row.as_of

    @property
    def timezone(self) -> str:
        return self.row.timezone

    def read(self, node: ir.Expr) -> Value:
        if not isinstance(node, ir.Column):
            return self.row.read(node)
        entity = self.oracle.group(self.row.group).entity
        names = [key.name for key in self.oracle.program.entities[entity].keys]
        return self.row.key[names.index(column_name(node))]
