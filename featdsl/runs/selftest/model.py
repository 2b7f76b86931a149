"""What a self-test finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Relation(StrEnum):
    """What is done to the data; no value may change. The value is its name for people."""

    FUTURE = "rows of the future"
    LATE = "rows not known yet"
    OLD = "rows older than every window"
    SHUFFLED = "rows in another order"
    SPLIT = "half of the keys at a time"
    REPEATED = "a spine that asks twice"
    CUT = "files that end at the as-of time"
    AGAIN = "published values, computed again"


WHY: Mapping[Relation, str] = {
    Relation.FUTURE: "it depends on rows that lie after its as-of time: a leak from the future",
    Relation.LATE: "it depends on rows that nobody could know at its as-of time: a leak",
    Relation.OLD: "it depends on rows that lie before all of its windows",
    Relation.SHUFFLED: "it depends on the order in which rows are stored: rows of one time that "
    "nothing orders",
    Relation.SPLIT: "it depends on rows of other keys",
    Relation.REPEATED: "it depends on how often the spine asks",
    Relation.CUT: "it depends on what the files hold of later times: the source's SQL puts the "
    "future into rows of the past, a leak",
    Relation.AGAIN: "its sources tell another past now than when it was published: rows were "
    "rewritten, or came later than is declared. A training set sees them: a leak",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A value that changed.

    ``rows`` are rows of ``source``, by column, that were added and suffice for it, share a place
    in its order, or are otherwise where its files end. ``others`` counts further cells of this
    feature that changed under the relation.
    """

    relation: Relation
    feature: str
    at: datetime
    key: tuple[Any, ...]
    before: Any
    after: Any
    source: str | None = None
    rows: tuple[Mapping[str, Any], ...] = ()
    others: int = 0

    @property
    def why(self) -> str:
        return WHY[self.relation]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """How often a relation was tried: ``cells`` are values that were compared."""

    relation: Relation
    trials: int
    cells: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfTest:
    """``times`` are the as-of times; ``tried`` has each relation, those never tried with 0."""

    times: tuple[datetime, ...]
    tried: tuple[Tried, ...]
    findings: tuple[Finding, ...] = field(default=())

    @property
    def passed(self) -> bool:
        return not self.findings
