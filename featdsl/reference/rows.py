"""Rows, as they are stored, and as views make them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from featdsl.ir import expr as ir
from featdsl.ir.program import Source
from featdsl.ir.visit import column_name
from featdsl.reference.expressions import evaluate
from featdsl.reference.scope import Scope
from featdsl.reference.values import Value, given, instant, order, settled
from featdsl.reference.visibility import seen_from


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """A row of a source, or of a view that was made of it.

    ``origin`` is the stored row: the source's full name and its place there, from 0 on. ``seen``
    is from when on it can be seen: None for always. ``ties`` order rows of one time. ``timed``
    ones are of a source that has a time, which may be null in a row.
    """

    origin: tuple[str, int]
    values: Mapping[str, Value]
    time: datetime | None
    seen: datetime | None
    timed: bool
    ties: tuple[Any, ...] = ()

    def then(self, at: datetime) -> datetime | None:
        """As of when it looks something up: its time, and not later than what is known.

        None where its time is missing: then it finds nothing. Without times it is that of all.
        """
        if not self.timed:
            return at
        return None if self.time is None else min(self.time, at)

    @property
    def order(self) -> tuple[Any, ...]:
        """Rows are ordered by time, then the source's ties; a null sorts after every value."""
        return (order(self.time), self.ties)


def stored(source: Source, table: Sequence[Mapping[str, Value]]) -> tuple[Row, ...]:
    """Rows of a source in their types; a column that is not given is null."""
    return tuple(_row(source, i, values) for i, values in enumerate(table))


def as_given(source: Source, table: Sequence[Mapping[str, Value]]) -> tuple[Row, ...]:
    """Rows of a view over a source, as they come out of it: nothing hides them."""
    return tuple(_placed(source, i, _Partial(values)) for i, values in enumerate(table))


class _Partial(dict[str, Value]):
    """Columns that are given; others are null."""

    def __missing__(self, name: str) -> Value:
        return None


def _row(source: Source, i: int, values: Mapping[str, Value]) -> Row:
    typed = {name: given(values.get(name), column.dtype) for name, column in source.columns.items()}
    return _placed(source, i, typed, hidden=True)


def _placed(source: Source, i: int, values: Mapping[str, Value], *, hidden: bool = False) -> Row:
    time = values.get(source.time) if source.time is not None else None
    return Row(
        origin=(source.name, i),
        values=values,
        time=None if time is None else instant(time),
        seen=seen_from(source, values) if hidden else None,
        timed=source.time is not None,
        ties=tuple(order(values.get(name)) for name in source.tie_break),
    )


def in_order(rows: Iterable[Row]) -> list[Row]:
    """Oldest first."""
    return sorted(rows, key=lambda row: row.order)


Ask: TypeAlias = Callable[[str, tuple[Value, ...], datetime], Value]
"""A feature (full name) of a key at a time."""


@dataclass(frozen=True, slots=True)
class RowScope:
    """Expressions over one row. What it looks up is as of ``then``, and asked of ``ask``."""

    values: Mapping[str, Value]
    as_of: datetime
    timezone: str
    then: datetime | None = None
    ask: Ask | None = None

    def read(self, node: ir.Expr) -> Value:
        match node:
            case ir.Column():
                # In a union the column's type is what its sources' types have in common.
                return settled(self.values[column_name(node)], node.dtype)
            case ir.Via():
                assert self.ask is not None, "nothing is looked up in a source"
                return looked_up(node, self, self.then, self.ask)
            case _:
                raise NotImplementedError(f"{type(node).__name__} of a row")


def looked_up(node: ir.Via, scope: Scope, then: datetime | None, ask: Ask) -> Value:
    """The feature of the thing that the keys name, as of a time; null where they name none."""
    key = tuple(evaluate(k, scope) for k in node.keys)
    return None if then is None or None in key else ask(node.feature, key, then)
