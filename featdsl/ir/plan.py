"""The logical plan: named steps, each over the ones before it. No SQL, no engine.

A step becomes one common table expression; its name and note are what a reader of the SQL sees.
Columns of a step are named as in `.feat` text; a joined column is ``alias.column``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeAlias

from featdsl.ir.expr import Aggregate, Expr, Window
from featdsl.text.span import Span
from featdsl.types.dtype import DType
from featdsl.types.duration import Duration

Named: TypeAlias = tuple[str, Expr]


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """Rows of a source that pass every condition: stored, not dropped, seen at t."""

    source: str
    columns: tuple[str, ...]
    where: tuple[Expr, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Rows of a view as they are (a test's ``given``)."""

    view: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Latest:
    """One row for each ``per``: the one with the largest ``by``."""

    input: str
    columns: tuple[str, ...]
    per: tuple[str, ...]
    by: tuple[str, ...]


class Match(StrEnum):
    """Which right rows belong to a left row, beside equal keys."""

    ALWAYS = "always"  # static: the row
    VALID = "valid"  # from <= left time < to
    NEWEST = "newest"  # the newest with its time at or before the left row's


@dataclass(frozen=True, slots=True, kw_only=True)
class AsOfJoin:
    """Each left row with the right row seen at the left row's time, or nulls.

    ``on`` pairs left expressions with right columns; ``carried`` right columns come out as
    ``alias.column``. For VALID ``start`` and ``end`` are right columns; for NEWEST ``start`` is
    the right row's time. ``delay`` and ``available`` say when a right row can be seen. Where
    left rows may be seen ahead of their time, ``ahead``, those see what can be seen at t.
    """

    left: str
    right: str
    alias: str
    match: Match
    on: tuple[tuple[Expr, str], ...]
    columns: tuple[str, ...]
    carried: tuple[str, ...]
    left_time: str | None = None
    ahead: bool = False
    start: str | None = None
    end: str | None = None
    delay: Duration | None = None
    available: str | None = None
    residual: Expr | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Derive:
    """The input's ``columns`` and new ones; rows that pass the conditions over the input's."""

    input: str
    columns: tuple[str, ...]
    values: tuple[Named, ...] = ()
    where: tuple[Expr, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrow:
    """Only what the passes read: keys, times, ties, arguments, conditions; sorted by key.

    Computed once and kept: each expression is evaluated once a row, and sorted keys make each
    pass's hash table small. Rows with a null key belong to nobody and are left out.
    """

    input: str
    keys: tuple[tuple[str, str], ...]  # (key of the entity, column of the input)
    values: tuple[Named, ...]
    time: str | None  # a column of the input
    windows: tuple[Window, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """Aggregates of one window over a `Narrow`, one row a key.

    Arguments and conditions are columns of the input (or constants).
    """

    input: str
    keys: tuple[str, ...]
    window: Window | None
    time: str | None
    order: tuple[str, ...]
    aggregates: tuple[tuple[str, Aggregate], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The distinct keys of a relation, none null: who exists at t."""

    input: str
    keys: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Combine:
    """Each key with its row of every pass; ``values`` are computed from the passes' columns."""

    keys_from: str
    keys: tuple[str, ...]
    passes: tuple[str, ...]
    values: tuple[Named, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Emit:
    """The output: keys, then columns in order, with the types that are stored; sorted by key."""

    input: str
    keys: tuple[str, ...]
    columns: tuple[tuple[str, DType], ...]


Operation: TypeAlias = (
    Read | Given | Latest | AsOfJoin | Derive | Narrow | Pass | Keys | Combine | Emit
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    name: str
    operation: Operation
    note: str
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Steps in order; the last one is the output."""

    steps: tuple[Step, ...]

    def step(self, name: str) -> Step:
        return next(s for s in self.steps if s.name == name)

    def with_steps(self, steps: Iterator[Step] | tuple[Step, ...]) -> Plan:
        return replace(self, steps=tuple(steps))


def inputs(operation: Operation) -> tuple[str, ...]:
    """Names of the steps that an operation reads."""
    match operation:
        case Read() | Given():
            return ()
        case AsOfJoin():
            return (operation.left, operation.right)
        case Combine():
            return (operation.keys_from, *operation.passes)
        case _:
            return (operation.input,)


def columns(operation: Operation) -> tuple[str, ...]:
    """Names of the columns that come out, in order."""
    match operation:
        case Read() | Given() | Latest():
            return operation.columns
        case AsOfJoin():
            return (*operation.columns, *(f"{operation.alias}.{c}" for c in operation.carried))
        case Derive():
            return (*operation.columns, *(name for name, _ in operation.values))
        case Narrow():
            keys = tuple(key for key, _ in operation.keys)
            return (*keys, *(name for name, _ in operation.values))
        case Pass():
            return (*operation.keys, *(name for name, _ in operation.aggregates))
        case Keys():
            return tuple(key for key, _ in operation.keys)
        case Combine():
            return (*operation.keys, *(name for name, _ in operation.values))
        case Emit():
            return (*operation.keys, *(name for name, _ in operation.columns))
