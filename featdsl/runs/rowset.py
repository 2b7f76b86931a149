"""Sets of rows that expectations are about, and what they are judged with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlglot import exp

from featdsl.engines.duckdb import Session
from featdsl.runs.history import History
from featdsl.store.failing import FailingRows
from featdsl.store.record import PlaceEntry
from featdsl.text.sources import SourceSet
from featdsl.text.span import Span

SAMPLES = 5
KEPT = 100
"""Failing rows of an expectation that are kept, at most."""

Locate = Callable[[exp.Expr, list[str]], list[str]]


@dataclass(slots=True)
class RowSet:
    """Rows that expectations are about.

    ``relation`` is a FROM item; rows count where ``where`` is true. ``time`` is the time of a
    row that is visible at the as-of time. ``keys`` are shown with each sample, ``shown`` with
    each row that is kept, ``pii`` columns never; ``locate`` words the places of failing rows
    where they have some. ``names`` are the columns of names that are others here.
    """

    subject: str
    words: str
    relation: exp.Expr
    where: exp.Expr | None = None
    time: exp.Expr | None = None
    keys: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    pii: frozenset[str] = frozenset()
    locate: Locate | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    duplicates: dict[tuple[str, ...], Duplicates] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Rows that share their values of some columns with another row.

    How many groups they form, how many they are, and how many of them have no null there.
    """

    groups: int
    rows: int
    complete: int


@dataclass(frozen=True, slots=True)
class Context:
    """What every expectation of a run is judged with.

    ``history`` has what earlier runs kept; without one nothing is compared. ``failing`` takes
    rows that fail, where they are kept: in the file that ``kept_in`` names.
    """

    session: Session
    as_of: datetime
    timezone: str
    texts: SourceSet
    history: History | None = None
    failing: list[FailingRows] = field(default_factory=list)
    kept_in: str | None = None

    def place(self, span: Span) -> PlaceEntry | None:
        file = self.texts.files.get(span.source)
        if file is None:
            return None
        return PlaceEntry(file=span.source, line=file.position(span.start)[0])
