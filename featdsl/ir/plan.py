"""The logical plan: named steps, each over the ones before it. No SQL, no engine.

A step becomes one common table expression; its name and note are what a reader of the SQL sees.
Columns of a step are named as in `.feat` text; a joined column is ``alias.column``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from featdsl.ir.expr import Aggregate, Expr, NextWindow, Window
from featdsl.ir.row_values import RowValue, read_by
from featdsl.ir.visit import columns_used
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
    """One row for each ``per``: the one with the largest ``by``, or the smallest if ``first``."""

    input: str
    columns: tuple[str, ...]
    per: tuple[str, ...]
    by: tuple[str, ...]
    first: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshots:
    """Rows that have one value in ``column`` are a snapshot, and are seen together.

    That is when the latest of ``whole`` (columns, each with a delay) of all of its rows has
    come; never where one is null.
    """

    column: str
    whole: tuple[tuple[str, Duration | None], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Current:
    """The rows of the latest snapshot that is seen at a time."""

    input: str
    columns: tuple[str, ...]
    snapshots: Snapshots
    at: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The input's ``columns`` and the times between which each row is seen.

    ``start_name`` is the latest of ``starts`` (columns, each with a delay) and of when the
    row's snapshot is seen; rows where one is null are never seen and left out. ``end_name``,
    where there is one, is the column ``end`` (null: for ever), or when a version of ``per`` with
    a larger ``by`` is seen (a smaller one if ``first``), or a later snapshot.
    """

    input: str
    columns: tuple[str, ...]
    starts: tuple[tuple[str, Duration | None], ...]
    end: str | None
    per: tuple[str, ...]
    by: tuple[str, ...]
    start_name: str
    end_name: str | None
    first: bool = False
    snapshots: Snapshots | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LastSeen:
    """One row, one column: the largest time at which a row of the input can be seen.

    It is the value of `Until` for the ``source``. A row where one of ``known`` is null is never
    seen.
    """

    source: str
    input: str
    starts: tuple[tuple[str, Duration | None], ...]
    known: tuple[str, ...]
    name: str


class Match(StrEnum):
    """Which right rows belong to a left row, beside equal keys."""

    ALWAYS = "always"  # static: the row
    VALID = "valid"  # from <= left time < to
    NEWEST = "newest"  # the newest with its time at or before the left row's
    SEEN = "seen"  # those that are seen at the left row's time


@dataclass(frozen=True, slots=True, kw_only=True)
class AsOfJoin:
    """Each left row with the right row seen at the left row's time, or nulls.

    ``on`` pairs left expressions with right columns; ``carried`` right columns come out as
    ``alias.column``. For VALID ``start`` and ``end`` are right columns; for NEWEST ``start`` is
    the right row's time. ``delay`` and ``available`` say when a right row can be seen. For SEEN
    that is from ``start`` to ``end``, no limit where they are None, and not before ``time``; of
    several rows that match, the last in the order of ``latest``, where it is given. Where left
    rows may be seen ahead of their time, ``cap`` is the latest time that they look at. With
    ``many`` left rows come out once for each match.
    """

    left: str
    right: str
    alias: str
    match: Match
    on: tuple[tuple[Expr, str], ...]
    columns: tuple[str, ...]
    carried: tuple[str, ...]
    left_time: str | None = None
    cap: Expr | None = None
    start: str | None = None
    end: str | None = None
    delay: Duration | None = None
    available: str | None = None
    residual: Expr | None = None
    time: str | None = None
    latest: tuple[str, ...] = ()
    many: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Derive:
    """The input's ``columns`` and new ones; rows that pass the conditions over the input's.

    ``as_of`` is the input's column that holds the as-of time, where each row has its own.
    """

    input: str
    columns: tuple[str, ...]
    values: tuple[Named, ...] = ()
    where: tuple[Expr, ...] = ()
    as_of: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spine:
    """The spine's rows with a number: those of a table that is handed in, or of ``input``.

    A table has the column ``row`` already; rows of an input get it in the order of ``order``.
    """

    input: str | None
    columns: tuple[str, ...]
    row: str
    order: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Each key of a population at each instant at which it exists, in order of key and time.

    ``keys`` are (key, column of the input), ``start`` and ``end`` the columns between which a
    row is seen. ``sample`` is a share, taken by a hash of key and time.
    """

    input: str
    keys: tuple[tuple[str, str], ...]
    start: str | None
    end: str | None
    instants: tuple[datetime, ...]
    sample: Decimal | None
    as_of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """Rows that say which keys exist when: (key, column), seen from ``start`` to ``end``."""

    step: str
    keys: tuple[tuple[str, str], ...]
    start: str | None
    end: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """The distinct keys and times of a spine, none null, of keys that exist then; numbered.

    ``keys`` are (key, column of the input), ``time`` is a column of the input. Out come
    ``point`` (an int), the keys and ``as_of``.
    """

    input: str
    keys: tuple[tuple[str, str], ...]
    time: str
    population: Population | None
    point: str
    as_of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Peers:
    """The distinct keys that exist at each distinct ``time`` of some points, none null.

    ``of`` are the rows that say which keys exist when. Out come the keys and ``as_of``.
    """

    points: str
    time: str
    of: Population
    as_of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf:
    """The rows of steps with the same columns: distinct ones, or, with ``every``, all of them."""

    inputs: tuple[str, ...]
    columns: tuple[str, ...]
    every: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """The input's ``columns``, and ``values`` of the one row of ``found`` with equal keys.

    ``on`` pairs columns of the input with columns of ``found``, ``values`` new names with columns
    of ``found``: null where no row is found, as where a key is null.
    """

    input: str
    columns: tuple[str, ...]
    found: str
    on: tuple[tuple[str, str], ...]
    values: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PercentRank:
    """The input's ``columns`` and ``name``: the percent rank of ``value`` within ``within``.

    Rows where ``value``, or one of ``known``, is null have none and are not counted, nor are
    rows where ``where`` is not true.
    """

    input: str
    columns: tuple[str, ...]
    value: str
    within: tuple[str, ...]
    known: tuple[str, ...]
    where: str | None
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired:
    """Rows are aggregated for each point: those of its key that are seen at its time."""

    points: str
    keys: tuple[str, ...]
    point: str
    as_of: str
    start: str | None
    end: str | None


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
class Pairs:
    """Each point with the rows of its key that are seen at its time and lie in the window.

    Out come the point's number, its as-of time and ``columns`` of the rows.
    """

    input: str
    columns: tuple[str, ...]
    paired: Paired
    time: str | None
    window: Window | NextWindow | None


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

    Without an input it is the one row of an entity that has no keys.
    """

    input: str | None
    keys: tuple[tuple[str, str], ...]


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
class Assemble:
    """The output of a training set: the spine's rows in order, each with its point's values.

    ``spine_columns`` come out as they are. ``values`` are columns of steps with a row a point,
    with the types that are stored; instead of a column of a step it may be an expression over
    columns of steps and the spine, qualified by their names. ``split`` is (name, instants that
    part the times).
    ``audit`` adds the row's number, what is known of it and whether its labels are known,
    under these names; ``mature`` are the conditions for that, over the as-of time.
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
    split: tuple[str, tuple[datetime, ...]] | None
    mature: tuple[Expr, ...]
    audit: tuple[str, str, str] | None

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


Operation: TypeAlias = (
    Read
    | Given
    | Latest
    | Current
    | Seen
    | LastSeen
    | AsOfJoin
    | Derive
    | Narrow
    | Pairs
    | Ordered
    | Grouped
    | Pass
    | Keys
    | Combine
    | Emit
    | Spine
    | Grid
    | Points
    | Peers
    | AnyOf
    | Lookup
    | PercentRank
    | Assemble
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
        case Read() | Given() | Spine(input=None) | Keys(input=None):
            return ()
        case AnyOf(inputs=names):
            return names
        case Lookup():
            return (operation.input, operation.found)
        case Peers():
            return (operation.points, operation.of.step)
        case AsOfJoin():
            return (operation.left, operation.right)
        case Pass(paired=Paired(points=points)) | Pairs(paired=Paired(points=points)):
            return (operation.input, points)
        case Combine():
            return (operation.keys_from, *operation.passes)
        case Points(population=Population(step=step)):
            return (operation.input, step)
        case Assemble():
            return (operation.spine, operation.points, *operation.steps)
        case _:
            assert operation.input is not None
            return (operation.input,)


def columns(operation: Operation) -> tuple[str, ...]:
    """Names of the columns that come out, in order."""
    match operation:
        case Read() | Given() | Latest() | Current() | AnyOf():
            return operation.columns
        case Lookup():
            return (*operation.columns, *(name for name, _ in operation.values))
        case PercentRank():
            return (*operation.columns, operation.name)
        case Peers():
            return (*(key for key, _ in operation.of.keys), operation.as_of)
        case Seen():
            end = () if operation.end_name is None else (operation.end_name,)
            return (*operation.columns, operation.start_name, *end)
        case LastSeen():
            return (operation.name,)
        case AsOfJoin():
            return (*operation.columns, *(f"{operation.alias}.{c}" for c in operation.carried))
        case Derive():
            return (*operation.columns, *(name for name, _ in operation.values))
        case Narrow():
            keys = tuple(key for key, _ in operation.keys)
            return (*keys, *(name for name, _ in operation.values))
        case Pairs():
            return (operation.paired.point, operation.paired.as_of, *operation.columns)
        case Grouped():
            own = (*operation.keys, operation.as_of, operation.time, operation.position)
            named = (name for name, _ in (*operation.groups, *operation.aggregates))
            return (*(c for c in own if c is not None), *named)
        case Ordered():
            return (*operation.columns, *(name for name, _ in operation.values))
        case Pass():
            return (*operation.keys, *(name for name, _ in operation.aggregates))
        case Keys():
            return tuple(key for key, _ in operation.keys)
        case Combine():
            as_of = () if operation.as_of is None else (operation.as_of,)
            names = (name for name, _ in operation.values)
            return (*operation.keys, *operation.carried, *as_of, *names)
        case Emit():
            return (*operation.keys, *(name for name, _ in operation.columns))
        case Spine():
            return (operation.row, *operation.columns)
        case Grid():
            return (*(key for key, _ in operation.keys), operation.as_of)
        case Points():
            return (operation.point, *(key for key, _ in operation.keys), operation.as_of)
        case Assemble():
            split = () if operation.split is None else (operation.split[0],)
            values = tuple(name for name, _, _ in operation.values)
            return (*operation.spine_columns, *values, *split, *(operation.audit or ()))
