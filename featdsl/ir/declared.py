"""What every declaration has, and those that others name: parameters and entities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from featdsl.ir.expr import Scalar
from featdsl.text.names import short_name
from featdsl.text.span import Span
from featdsl.types.dtype import DType
from featdsl.types.duration import Duration

OwnValue: TypeAlias = str | bool | int | tuple[str, ...]
"""A value of an attribute of the project's own; days, lengths and decimals as text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meta:
    """What any declaration may say of itself: no part of a value's meaning.

    ``freshness`` says of a data set how old its features may be where they are read; ``own`` has
    the attributes that the project declares itself.
    """

    doc: str | None = None
    owner: str | None = None
    tags: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    deprecated: str | None = None
    private: bool = False
    version: int | None = None
    uri: str | None = None
    unit: str | None = None
    format: str | None = None
    domain: str | None = None
    was: str | None = None
    freshness: Duration | None = None
    own: Mapping[str, OwnValue] = field(default_factory=dict)
    allow: Mapping[str, str] = field(default_factory=dict)  # slug -> because


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A declaration's full name, place and metadata. ``span`` covers all of its text."""

    name: str
    meta: Meta
    span: Span = field(compare=False, repr=False)
    name_span: Span = field(compare=False, repr=False)

    @property
    def short(self) -> str:
        return short_name(self.name)


class Origin(StrEnum):
    DEFAULT = "default"
    CLOCK = "default: the day"
    ENVIRONMENT = "default: the environment"
    PARAMETER = "default: another parameter"
    TARGET = "featc.toml"
    COMMAND = "command line"
    ASKED = "asked for"
    CALLER = "Python"
    TEST = "test"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter(Declared):
    """A value of a run. ``value`` is None where it has no default and none was given.

    ``default`` is the canonical text of the default as written; ``whole`` has the defaults of
    the parameters that it names in place of their names. ``missing`` says why a default that
    reads the day or the environment gave no value.
    """

    dtype: DType
    default: str | None
    whole: str | None = None
    value: Scalar | tuple[Scalar, ...]
    origin: Origin
    secret: bool = False
    missing: str | None = field(default=None, compare=False)

    @property
    def meaning(self) -> str | None:
        """The text that stands for the default in fingerprints."""
        return self.default if self.whole is None else self.whole


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityKey:
    name: str
    dtype: DType


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity(Declared):
    """``population`` is the source that lists which keys exist, or None.

    One without ``keys`` is the whole population: one row for each as-of time.
    """

    keys: tuple[EntityKey, ...]
    population: str | None
