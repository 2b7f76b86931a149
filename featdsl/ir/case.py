"""`test` blocks: rows that are given and what must come of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from featdsl.ir.expr import Scalar, Value
from featdsl.text.span import Span
from featdsl.types.dtype import DType


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """A typed table of a test: ``cells[i]`` has a value for each of ``columns``."""

    columns: tuple[str, ...]
    cells: tuple[tuple[Value, ...], ...]
    spans: tuple[Span, ...] = field(compare=False, repr=False)  # one a row


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """``then group``: rows of features, or of labels, by key (and ``as_of`` of each).

    ``at`` is the instant that all of it is about: the rows are then all that there are. It is
    None where only the keys of a table after ``at`` are asked.
    """

    group: str
    at: datetime | None = None
    keys: tuple[tuple[Value, ...], ...]
    instants: tuple[datetime, ...]
    features: tuple[str, ...]  # short names, as in the header
    cells: tuple[tuple[Value, ...], ...]
    spans: tuple[Span, ...] = field(compare=False, repr=False)

    @property
    def stated(self) -> tuple[str, ...]:
        """Full names of the features and labels of which it states values."""
        return tuple(f"{self.group}.{name}" for name in self.features)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedColumn:
    """A column of a training set: ``feature`` is None where it is the spine's, or the split."""

    name: str
    dtype: DType
    feature: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedRows:
    """``then dataset``: all rows of its training set over its own spine, in the spine's order."""

    dataset: str
    columns: tuple[StatedColumn, ...]  # as in the header
    cells: tuple[tuple[Value, ...], ...]
    spans: tuple[Span, ...] = field(compare=False, repr=False)

    @property
    def stated(self) -> tuple[str, ...]:
        """Full names of the features and labels of which it states values."""
        return tuple(c.feature for c in self.columns if c.feature is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """``given`` rows of sources and views by full name, ``then`` what must come of them."""

    title: str
    namespace: str
    given: Mapping[str, Rows]
    params: Mapping[str, Scalar | tuple[Scalar, ...]]
    expected: tuple[Expected | ExpectedRows, ...]
    span: Span = field(compare=False, repr=False)
