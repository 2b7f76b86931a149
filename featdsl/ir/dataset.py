"""Data sets: the rows that are asked about and what is asked of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

from featdsl.ir.declared import Declared
from featdsl.ir.expectation import Expectation
from featdsl.ir.source import SourceColumn
from featdsl.text.span import Span
from featdsl.types.dtype import DType, Kind
from featdsl.types.duration import Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class SpineRows:
    """One output row for each stored row of ``source``, as of its column ``at``.

    Of a view these are the rows that it makes of the stored rows below it, whenever they are
    seen. ``keys`` are the columns that hold the entity's key, in the order of its keys.
    ``columns`` are all that the rows have under a bare name.
    """

    source: str
    at: str
    keys: tuple[str, ...]
    columns: tuple[SourceColumn, ...] = field(default=(), compare=False, repr=False)

    @property
    def shown(self) -> tuple[SourceColumn, ...]:
        """Those that come out: the keys, the time, and all that may be shown."""
        kept = {*self.keys, self.at}
        return tuple(c for c in self.columns if c.name in kept or is_shown(c.dtype, c.pii))


def is_shown(dtype: DType, pii: bool) -> bool:
    """Whether a column of a data set's own spine comes out: personal data and lengths do not."""
    return not pii and not dtype.holds(Kind.DURATION)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpineGrid:
    """Each key of the population that exists at ``start``, ``start + every``, … up to ``end``.

    ``sample`` is the share of rows that are taken, by a hash of key and time; None for all.
    ``written`` are both ends in canonical text: what documents show and fingerprints see, since
    a value of a run may have been filled in.
    """

    every: Duration
    start: datetime
    end: datetime
    sample: Decimal | None = None
    written: tuple[str, ...] = field(default=(), compare=False)


_PARTS: tuple[tuple[str, ...], ...] = ((), ("train", "test"), ("train", "validation", "test"))
"""Names of the parts of a split, by the number of its cuts; of more they are numbered."""

Spine: TypeAlias = SpineRows | SpineGrid


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetColumn:
    """A feature, or a label, under the name that it has in the data set.

    ``feature`` is a full name; None for a label that is a column of the spine of this name.
    """

    name: str
    feature: str | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset(Declared):
    """What one consumer reads: spine rows, their features, labels and split.

    Output: the spine's columns (of rows all that are no `pii`, and the keys; of a grid the
    keys and ``as_of``), then ``columns``, labels that are no spine columns, ``split``.
    ``split_at`` are the instants at which parts of a split by time begin, but for the first;
    ``split_shares`` those of a split by the entity's key ``split_key``, by a hash of it.
    ``split_written`` is the canonical text of either, as of a grid's ends.
    """

    entity: str
    spine: Spine | None
    columns: tuple[DatasetColumn, ...]
    labels: tuple[DatasetColumn, ...] = ()
    split_at: tuple[datetime, ...] = ()
    split_key: str | None = None
    split_shares: tuple[Decimal, ...] = ()
    split_written: tuple[str, ...] = field(default=(), compare=False)
    consumers: tuple[str, ...] = ()
    expectations: tuple[Expectation, ...] = ()

    @property
    def parts(self) -> tuple[str, ...]:
        """Names of the parts of its split, in order; none without one."""
        cuts = len(self.split_at) + len(self.split_shares)
        if cuts < len(_PARTS):
            return _PARTS[cuts]
        return tuple(f"part_{n}" for n in range(1, cuts + 2))
