"""The syntax tree of names, literals and types: what was written, and where."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

from featdsl.text.span import Span
from featdsl.types.duration import Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """Anything that was written."""

    span: Span


# --- names


@dataclass(frozen=True, slots=True, kw_only=True)
class Ident(Node):
    """One word; `text` is without backticks."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Name(Node):
    """``a`` or ``a.b.c``."""

    parts: tuple[Ident, ...]

    @property
    def text(self) -> str:
        return ".".join(p.text for p in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern(Node):
    """A name with holes, ``g.spend_{c}_90d``; a hole is the `Ident` of what fills it.

    `prefix` holds the plain parts before the last dot; as a declared name it is empty.
    """

    prefix: tuple[Ident, ...] = ()
    parts: tuple[str | Ident, ...]

    @property
    def text(self) -> str:
        last = "".join(p if isinstance(p, str) else f"{{{p.text}}}" for p in self.parts)
        return ".".join([*(p.text for p in self.prefix), last])


@dataclass(frozen=True, slots=True, kw_only=True)
class ParamRef(Node):
    """``$x``; `name` is without the dollar."""

    name: str


# --- literals


@dataclass(frozen=True, slots=True, kw_only=True)
class IntLit(Node):
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DecimalLit(Node):
    """A number with a point; the `Decimal` keeps the digits as written: 1.50 has scale 2."""

    value: Decimal

    @property
    def scale(self) -> int:
        exponent = self.value.as_tuple().exponent
        return max(0, -exponent) if isinstance(exponent, int) else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PercentLit(Node):
    """``15%``; `value` is the share, 0.15, exact."""

    value: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class StringLit(Node):
    """Text after its escapes; `"{$p}"` inside is not looked at here."""

    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BoolLit(Node):
    value: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NullLit(Node):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class DurationLit(Node):
    value: Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class InstantLit(Node):
    """``@2024-01-03`` or ``@2024-01-03T10:00:00``; `value` is in UTC."""

    value: datetime
    date_only: bool


Literal: TypeAlias = (
    IntLit | DecimalLit | PercentLit | StringLit | BoolLit | NullLit | DurationLit | InstantLit
)


# --- types as written


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeExpr(Node):
    """``decimal(12, 2)``, ``list(float)``."""

    name: Ident
    args: tuple[TypeExpr | IntLit, ...] = ()
