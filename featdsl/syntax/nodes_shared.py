"""The syntax tree: what any declaration may hold."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from featdsl.syntax.nodes_base import (
    BoolLit,
    DecimalLit,
    DurationLit,
    Ident,
    InstantLit,
    IntLit,
    Node,
    NullLit,
    PercentLit,
    StringLit,
)
from featdsl.syntax.nodes_expr import (
    CompareOp,
    Expr,
    ListExpr,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Word(Node):
    """A bare name as an attribute's value: ``was old_name``, ``was g.old_name``."""

    text: str


AttributeValue: TypeAlias = (
    StringLit
    | IntLit
    | DecimalLit
    | PercentLit
    | BoolLit
    | NullLit
    | DurationLit
    | InstantLit
    | ListExpr
    | Word
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute(Node):
    """``owner "growth@example.com"``, ``was old_name``."""

    name: Ident
    value: AttributeValue


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowAttr(Node):
    """``allow "unused-column" because "…"``."""

    slug: StringLit
    because: StringLit | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes(Node):
    """``rows() changes < 20%``: against the last published run."""

    value: Expr
    op: CompareOp
    bound: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectDecl(Node):
    """``expect <condition> [allow 0.1%] [warn]``; `allow` is the share that may fail."""

    condition: Expr | Changes
    allow: Decimal | None = None
    warn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenDecl(Node):
    """Something that did not parse and was reported; its name stays known.

    `kind` is the word people use: ``source``, ``feature``, ``column``, ``let``, ``item`` …
    `name` is None where no name could be told; it may have holes (``spend_{c}``). A broken
    family stands for all its members. What is broken inside a ``for`` or ``columns { }`` is
    listed by the declaration around it.
    """

    kind: str
    name: Ident | None
    family: bool = False

    def covers(self, name: str) -> bool:
        """Whether `name` may be meant by what is broken here."""
        if self.name is None:
            return False
        written = re.sub(r"\\\{\w+\\\}", r"\\w+", re.escape(self.name.text))
        return re.fullmatch(written + (r"_\w+" if self.family else ""), name) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared(Node):
    doc: str | None = None
    attributes: tuple[Attribute, ...] = ()
    allows: tuple[AllowAttr, ...] = ()
    private: bool = False

    def attribute(self, name: str) -> Attribute | None:
        """The first attribute of that name."""
        return next((a for a in self.attributes if a.name.text == name), None)
