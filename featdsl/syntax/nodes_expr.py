"""The syntax tree of expressions, windows and types: what was written, and where."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
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


# --- windows


@dataclass(frozen=True, slots=True, kw_only=True)
class _Window(Node):
    aligned: DurationLit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DurationWindow(_Window):
    """``7d``."""

    length: DurationLit


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeWindow(_Window):
    """``14d..7d``, ``7d<..=0d``, ``lifetime..7d``; both ends are distances back from t.

    `start` None is `lifetime`. By default the start is inside and the end is not.
    """

    start: DurationLit | None
    end: DurationLit
    start_open: bool = False
    end_closed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LifetimeWindow(_Window):
    """``lifetime``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LastEventsWindow(_Window):
    """``last 10 events``, ``last 10 events in 90d``."""

    count: IntLit
    within: DurationWindow | RangeWindow | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SinceStartWindow(_Window):
    """``since start of month``."""

    unit: Ident


@dataclass(frozen=True, slots=True, kw_only=True)
class NextWindow(_Window):
    """``next 30d``."""

    length: DurationLit


@dataclass(frozen=True, slots=True, kw_only=True)
class ParamWindow(_Window):
    """``$w``: a constant (also a list of windows), loop variable or template argument."""

    param: ParamRef


Window: TypeAlias = (
    DurationWindow
    | RangeWindow
    | LifetimeWindow
    | LastEventsWindow
    | SinceStartWindow
    | NextWindow
    | ParamWindow
)


# --- operators


class BinaryOp(StrEnum):
    ADD = "+"
    SUB = "-"
    MUL = "*"
    DIV = "/"
    FLOORDIV = "//"
    COALESCE = "??"
    AND = "and"
    OR = "or"


class UnaryOp(StrEnum):
    NEG = "-"
    POS = "+"


class CompareOp(StrEnum):
    EQ = "="
    NE = "!="
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="


# --- expressions


@dataclass(frozen=True, slots=True, kw_only=True)
class ListExpr(Node):
    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unary(Node):
    op: UnaryOp
    operand: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Binary(Node):
    op: BinaryOp
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare(Node):
    op: CompareOp
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class IsNull(Node):
    operand: Expr
    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class In(Node):
    operand: Expr
    options: ListExpr | ParamRef | Name
    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Between(Node):
    operand: Expr
    low: Expr
    high: Expr
    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Like(Node):
    operand: Expr
    pattern: Expr
    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches(Node):
    operand: Expr
    pattern: Expr
    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Not(Node):
    operand: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class If(Node):
    """``if c then a else b``."""

    condition: Expr
    then: Expr
    otherwise: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseBranch(Node):
    condition: Expr
    value: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Case(Node):
    """``case when c then a … else b end``; `otherwise` None is null."""

    branches: tuple[CaseBranch, ...]
    otherwise: Expr | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Arg(Node):
    """An argument; `name` for ``half_life: 7d``."""

    name: Ident | None = None
    value: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Among(Node):
    """``among profile.region``; `key` None is ``among all``."""

    key: Expr | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Node):
    """``f(args where … over … by … per … default … among … as type)``.

    `star` for ``count(*)``, which means ``count()``; `distinct` for ``count(distinct x)``.
    """

    func: Name
    args: tuple[Arg, ...] = ()
    star: bool = False
    distinct: bool = False
    where: Expr | None = None
    over: Window | None = None
    by: Expr | None = None
    per: tuple[Expr, ...] = ()
    default: Expr | None = None
    among: Among | None = None
    as_type: TypeExpr | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Via(Node):
    """``store.revenue via profile.home``; chains to the right: the key may be a `Via`."""

    value: Name | Pattern
    keys: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ago(Node):
    """``price 30d ago``."""

    value: Name | Pattern
    length: DurationLit


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlEscape(Node):
    """``sql("…{t}…", t: sold_at): timestamp``; every argument has a name."""

    template: StringLit
    args: tuple[Arg, ...]
    type: TypeExpr


Expr: TypeAlias = (
    Name
    | Pattern
    | ParamRef
    | IntLit
    | DecimalLit
    | PercentLit
    | StringLit
    | BoolLit
    | NullLit
    | DurationLit
    | InstantLit
    | ListExpr
    | Unary
    | Binary
    | Compare
    | IsNull
    | In
    | Between
    | Like
    | Matches
    | Not
    | If
    | Case
    | Call
    | Via
    | Ago
    | SqlEscape
)
