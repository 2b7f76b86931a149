"""Steps of a plan over rows of sources and views: read, seen, joined, derived."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from featdsl.ir.expr import Expr
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
