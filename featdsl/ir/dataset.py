"""Data sets: the rows that are asked about and what is asked of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

from featdsl.ir.declared import Declared
from featdsl.ir.expectation import Expectation
from featdsl.text.span import Span
from featdsl.types.duration import Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class SpineRows:
    """One output row for each stored row of ``source``, as of its column ``at``.

    ``keys`` are the source's columns that hold the entity's key, in the order of its keys.
    """

    source: str
    at: str
    keys: tuple[str, ...]


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

    Output: the spine's columns (of a source all that are no `pii`, and the keys; of a grid the
    keys and ``as_of``), then ``columns``, labels that are no spine columns, ``split``.
    ``split_at`` has one instant (train, test) or two (train, validation, test);
    ``split_written`` is their canonical text, as of a grid's ends.
    """

    entity: str
    spine: Spine | None
    columns: tuple[DatasetColumn, ...]
    labels: tuple[DatasetColumn, ...] = ()
    split_at: tuple[datetime, ...] = ()
    split_written: tuple[str, ...] = field(default=(), compare=False)
    consumers: tuple[str, ...] = ()
    expectations: tuple[Expectation, ...] = ()
