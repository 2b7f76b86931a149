"""Expressions that hold no other: what names of a text stand for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

from featdsl.text.span import Span
from featdsl.types.dtype import DType
from featdsl.types.duration import Duration
from featdsl.types.value import MapValue

Scalar: TypeAlias = bool | int | float | Decimal | str | date | datetime | Duration | None


Value: TypeAlias = "Scalar | tuple[Value, ...] | MapValue"
"""A scalar, a list of values, or a map of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    dtype: DType
    nullable: bool = field(default=True, compare=False)
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Param(Node):
    """``$name``.

    ``default`` is the canonical text of its declared default: what a fingerprint sees.
    ``value`` is what this compilation uses; that of a ``secret`` one is shown by nothing.
    """

    name: str
    default: str | None
    value: Scalar | tuple[Scalar, ...] = field(compare=False)
    secret: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column(Node):
    """A column of the rows at hand. ``qualifier`` is a join's alias in a view, else None."""

    name: str
    qualifier: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InputRef(Node):
    """``r.column``: what arrives with a request; ``input`` is the declaration's full name."""

    input: str
    column: str
    pii: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureRef(Node):
    """Another feature of the same entity, for the same key and as-of time; its full name.

    ``foreign``: it is of another group than the one in which it is named.
    """

    feature: str
    foreign: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AsOf(Node):
    """The as-of time, ``as_of``: a timestamp."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Until(Node):
    """The time up to which labels over ``source`` (full name) are known: a timestamp.

    Given with a run, or else the largest time at which a row of the source can be seen.
    """

    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupKey(Node):
    """A key of `Groups`, by its place, in what is computed of the groups."""

    index: int
