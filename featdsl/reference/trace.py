"""Which rows counted for a value, and which did not, and why.

`featc why` will stand on it. Conditions of group, feature and call are one condition of the
typed program, ANDed; the part that a row failed is given as text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from featdsl.ir.expr import Aggregate
from featdsl.reference.rows import Row
from featdsl.reference.values import Value


class Why(StrEnum):
    """What became of a row."""

    COUNTED = "counted"
    DROPPED = "dropped"
    NOT_YET_SEEN = "not yet visible"
    SUPERSEDED = "superseded by a newer version"
    REMOVED = "removed"
    SNAPSHOT = "not in the latest snapshot"
    NOT_VALID = "not valid at the time"
    VIEW = "left out by the view"
    CONDITION = "the condition is not true"
    WINDOW = "outside of the window"
    BEYOND_LAST = "older than the last n"
    NULL_KEY = "its group key is null"
    NULL_ARGUMENT = "its argument is null"


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one row; ``detail`` says by what: a condition, a time."""

    row: Row
    why: Why
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Sight:
    """Rows of a source or view that exist at a time, and what became of the others."""

    rows: tuple[Row, ...]
    hidden: tuple[Fate, ...] = ()


@dataclass(frozen=True, slots=True)
class CallTrace:
    """One aggregate of a feature: its value, and what became of each row of the key."""

    call: Aggregate
    value: Value
    fates: tuple[Fate, ...]


@dataclass(frozen=True, slots=True)
class FeatureTrace:
    """A feature for a key at a time.

    ``known`` is False where the key is unknown, or a label's window is not over: then nothing
    was read. ``calls`` are those of the feature itself; ``reads`` are other features by name.
    """

    feature: str
    key: tuple[Value, ...]
    at: datetime
    value: Value
    known: bool
    calls: tuple[CallTrace, ...] = ()
    reads: Mapping[str, Value] | None = None
