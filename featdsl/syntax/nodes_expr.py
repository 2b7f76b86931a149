"""The syntax tree of expressions: what was written, and where."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from featdsl.syntax.nodes_base import (
    BoolLit,
    DecimalLit,
    DurationLit,
    Ident,
    InstantLit,
    IntLit,
    Name,
    Node,
    NullLit,
    ParamRef,
    Pattern,
    PercentLit,
    StringLit,
    TypeExpr,
)
from featdsl.syntax.nodes_window import Window


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
    options: Expr
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
