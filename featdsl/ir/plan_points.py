"""Steps of a plan over keys and times that are asked: spines, points, look-ups, peers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from featdsl.types.dtype import DType


@dataclass(frozen=True, slots=True, kw_only=True)
class Spine:
    """The spine's rows with a number: those of a table that is handed in, or of ``input``.

    A table has the column ``row`` already; rows of an input get it in the order of ``order``, or
    as they arrive. Columns in ``types`` come out as they are stored in these.
    """

    input: str | None
    columns: tuple[str, ...]
    row: str
    order: tuple[str, ...] = ()
    types: tuple[tuple[str, DType], ...] = ()


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
    """Rows are aggregated for each point: those of its key that are seen at its time.

    ``inputs`` are columns of inputs and what they are called among the points': each point has
    its own.
    """

    points: str
    keys: tuple[str, ...]
    point: str
    as_of: str
    start: str | None
    end: str | None
    inputs: tuple[tuple[str, str], ...] = ()
