"""Steps of a plan that make values of rows and put them together: passes, outputs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from featdsl.ir.expr import Aggregate, Expr, NextWindow, Window
from featdsl.ir.plan_points import Paired
from featdsl.ir.plan_rows import Named
from featdsl.ir.row_values import RowValue, read_by
from featdsl.ir.visit import columns_used
from featdsl.types.dtype import DType


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
class Newest:
    """Rows for which ``where`` is true, less those that enough newer ones are read with.

    ``time``, ``start`` and ``end`` are columns with the last time, the last start and the first
    end of being seen of so many newer rows.
    """

    where: Expr | None
    time: str
    start: str | None
    end: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Each point with the rows of its key that are seen at its time and lie in the window.

    Out come the point's number, its as-of time and ``columns`` of the rows. With ``newest`` come
    those only that one of them holds.
    """

    input: str
    columns: tuple[str, ...]
    paired: Paired
    time: str | None
    window: Window | NextWindow | None
    newest: tuple[Newest, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """Rows of the input in the window that pass ``where``, with values that rows beside decide.

    Rows of one value of ``keys`` are in the order of ``order``. ``as_of`` is the input's column
    that holds the as-of time, where each row has its own.
    """

    input: str
    columns: tuple[str, ...]
    keys: tuple[str, ...]
    order: tuple[str, ...]
    values: tuple[tuple[str, RowValue], ...]
    time: str | None
    window: Window | None
    where: Expr | None = None
    as_of: str | None = None

    @property
    def expressions(self) -> Iterator[Expr]:
        """What is read of each row."""
        if self.where is not None:
            yield self.where
        for _, value in self.values:
            yield from read_by(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouped:
    """Rows of the input in the window that pass ``where``, made one for each group of a key.

    Groups are told by ``groups``, of which none is null. Out come the keys, the as-of time where
    each row has its own, the groups' values, the aggregates and, under their names, the ``time``
    and the ``position`` of the group's first row.
    """

    input: str
    keys: tuple[str, ...]
    groups: tuple[Named, ...]
    aggregates: tuple[tuple[str, Aggregate], ...]
    order: tuple[str, ...]
    time: str | None
    position: str | None
    window: Window | None
    where: Expr | None = None
    as_of: str | None = None

    @property
    def expressions(self) -> Iterator[Expr]:
        """What is read of each row."""
        yield from () if self.where is None else (self.where,)
        yield from (e for _, e in self.groups)
        yield from (a for _, a in self.aggregates)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """Aggregates of one window over a `Narrow`, or over what is made of one; one row a key.

    Arguments and conditions are columns of the input (or constants), and expressions over them
    where rows are ``paired`` with points; then there is one row a point, ``keys`` is its number.
    The input may be paired already: ``as_of`` is its column with the as-of time.
    With ``by``, which all aggregates then have, each comes out as a map.
    """

    input: str
    keys: tuple[str, ...]
    window: Window | NextWindow | None
    time: str | None
    order: tuple[str, ...]
    aggregates: tuple[tuple[str, Aggregate], ...]
    paired: Paired | None = None
    as_of: str | None = None
    by: Expr | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The distinct keys of a relation, none null: who exists at t.

    Without an input it is the one row of an entity that has no keys, or no row at all: no group
    says which keys there are. ``types`` are then those of the keys.
    """

    input: str | None
    keys: tuple[tuple[str, str], ...]
    types: tuple[DType, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Combine:
    """Each key with its row of every pass; ``values`` are computed from the passes' columns.

    ``as_of`` is the column of ``keys_from`` that holds the as-of time, where each key has its
    own; it comes out too, as ``carried`` columns of ``keys_from`` do.
    """

    keys_from: str
    keys: tuple[str, ...]
    passes: tuple[str, ...]
    values: tuple[Named, ...]
    as_of: str | None = None
    carried: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Emit:
    """The output: keys, then columns in order, with the types that are stored; sorted by key."""

    input: str
    keys: tuple[str, ...]
    columns: tuple[tuple[str, DType], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Which part a row of the spine is in: by its time, or by a hash of the column ``key``."""

    name: str
    parts: tuple[str, ...]
    at: tuple[datetime, ...] = ()
    key: str | None = None
    shares: tuple[Decimal, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Assemble:
    """The output of a training set: the spine's rows in order, each with its point's values.

    ``spine_columns`` come out as they are. ``values`` are columns of steps with a row a point,
    with the types that are stored; instead of a column of a step it may be an expression over
    columns of steps and the spine, qualified by their names. ``split`` is (name, instants that
    part the times).
    ``audit`` adds the row's number, what is known of it and whether its labels are known,
    under these names; ``mature`` are the conditions for that, over the as-of time. Steps of
    ``by_row`` have a row for a row of the spine: their ``point`` is its number.
    """

    spine: str
    spine_columns: tuple[str, ...]
    row: str
    keys: tuple[tuple[str, str], ...]  # (key of the points, column of the spine)
    time: str
    points: str
    point: str
    as_of: str
    values: tuple[tuple[str, tuple[str, str] | Expr, DType], ...]  # name, (step, column), type
    split: Split | None
    mature: tuple[Expr, ...]
    audit: tuple[str, str, str] | None
    by_row: tuple[str, ...] = ()

    @property
    def steps(self) -> tuple[str, ...]:
        """Steps with a row a point that values come from."""
        read = (step for step, _ in self.reads)
        return tuple(dict.fromkeys(s for s in read if s not in (self.spine, self.points)))

    @property
    def reads(self) -> tuple[tuple[str, str], ...]:
        """Columns of steps, and of the spine, that values are made of."""
        found: dict[tuple[str, str], None] = {}
        for _, value, _ in self.values:
            if isinstance(value, tuple):
                found[value] = None
                continue
            for column in columns_used([value]):
                assert column.qualifier is not None, "columns are those of steps"
                found[column.qualifier, column.name] = None
        return tuple(found)
