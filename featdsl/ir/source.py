"""Data from outside: sources and what arrives with a request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from featdsl.ir.declared import Declared
from featdsl.ir.expectation import Expectation
from featdsl.ir.expr import Expr, Scalar
from featdsl.text.span import Span
from featdsl.types.dtype import DType
from featdsl.types.duration import Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceColumn:
    name: str
    dtype: DType
    required: bool = False
    pii: bool = False
    description: str | None = None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Input(Declared):
    """Columns that arrive with a request; in a training set the spine has them."""

    columns: Mapping[str, SourceColumn]


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """``from parquet "…" (option = value)``; parameters in ``argument`` are filled in.

    ``written`` is the argument before that: what documents show and fingerprints see, since a
    value of a run, or a secret, may have been filled in. So are ``written_options``: those that
    name a parameter or a variable of the environment. ``params`` are the full names of all
    parameters that were filled in. ``code`` is the digest of the code that makes the rows.
    """

    kind: str
    argument: str
    written: str = ""
    written_options: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Scalar] = field(default_factory=dict)
    params: frozenset[str] = frozenset()
    code: str | None = None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Availability:
    """When a row can be seen: ``after`` its time, or from the time in ``column`` on."""

    after: Duration | None = None
    column: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """``keep last per k by u``: among the visible versions of ``per`` the largest ``by`` wins.

    The smallest where ``first``. A winner for which ``removed_when`` holds takes the row away.
    """

    per: tuple[str, ...]
    by: tuple[str, ...]
    first: bool = False
    removed_when: Expr | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Validity:
    """``valid from_column to to_column``: the row of a key that holds at t."""

    start: str
    end: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """``snapshot column``: rows with one value there are the whole table as it was then."""

    column: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    condition: Expr
    because: str | None
    text: str
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """Columns of a relation that hold an entity's key, in the order of the entity's keys."""

    entity: str
    columns: tuple[str, ...]


LockedColumns: TypeAlias = Mapping[str, DType | None]
"""Columns of data in order; None where the language has no type for what one holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source(Declared):
    """Outside data. ``time`` is None for static, snapshot and validity sources without one.

    ``locked`` are the columns of one that declares none, as they were read from the data;
    ``columns`` has those that have a type.
    """

    location: Location
    columns: Mapping[str, SourceColumn]
    locked: LockedColumns | None = None
    key: tuple[str, ...] = ()
    time: str | None = None
    ties: tuple[str, ...] = ()
    available: Availability | None = None
    keep: Keep | None = None
    valid: Validity | None = None
    snapshot: Snapshot | None = None
    roles: tuple[Role, ...] = ()
    drops: tuple[Drop, ...] = ()
    expectations: tuple[Expectation, ...] = ()

    @property
    def has_history(self) -> bool:
        return self.time is not None or self.changes

    @property
    def changes(self) -> bool:
        """Whether it is said which rows exist at a time, beside when each can be seen."""
        return self.keep is not None or self.valid is not None or self.snapshot is not None

    @property
    def tie_break(self) -> tuple[str, ...]:
        """Columns that order rows of one time: ``then`` columns, then the key."""
        return (*self.ties, *(k for k in self.key if k not in self.ties))
