"""The syntax tree of entities, sources, views and request inputs."""

from __future__ import annotations

from dataclasses import dataclass

from featdsl.syntax.nodes_base import (
    DurationLit,
    Ident,
    Name,
    Node,
    ParamRef,
    StringLit,
    TypeExpr,
)
from featdsl.syntax.nodes_expr import (
    Call,
    Expr,
)
from featdsl.syntax.nodes_shared import (
    BrokenDecl,
    Declared,
    ExpectDecl,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyColumn(Node):
    """``key customer_id: int`` of an entity."""

    name: Ident
    type: TypeExpr


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityDecl(Declared):
    """No `keys`: the whole population. `population` is the source or view after ``from``."""

    name: Ident
    keys: tuple[KeyColumn, ...] = ()
    population: Name | None = None
    broken: tuple[BrokenDecl, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Option(Node):
    """``delimiter = ";"``."""

    name: Ident
    value: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin(Node):
    """``from csv "prices.csv" (delimiter = ";")``; the argument may be ``env("DSN")``."""

    kind: Ident
    argument: StringLit | Call | ParamRef
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyItem(Node):
    """``key txn_id, line_no``: what tells a source's rows apart."""

    columns: tuple[Ident, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Available(Node):
    """``available after 2h`` or ``available loaded_at``: one of the two is given."""

    after: DurationLit | None = None
    column: Ident | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeItem(Node):
    """``time sold_at then line_no available after 2h``."""

    column: Ident
    then: tuple[Ident, ...] = ()
    available: Available | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotItem(Node):
    """``snapshot taken_at available after 6h``."""

    column: Ident
    available: Available | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidItem(Node):
    """``valid from_ts to to_ts``."""

    start: Ident
    end: Ident
    available: Available | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityRole(Node):
    """``entity account (from_account)``; no columns: those named as the entity's keys."""

    entity: Name
    columns: tuple[Ident, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnDecl(Node):
    """``txn_id: int required pii "description"``."""

    name: Ident
    type: TypeExpr
    required: bool = False
    pii: bool = False
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DropItem(Node):
    """``drop when amount < 0 because "…"``."""

    condition: Expr
    because: StringLit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepItem(Node):
    """``keep last per txn_id by updated_at removed when voided``; `which` last or first."""

    which: str
    per: tuple[Ident, ...]
    by: tuple[Ident, ...]
    removed_when: Expr | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceDecl(Declared):
    """Outside data. `columns` None: there is no ``columns { }``, the data say.

    Where `broken` is not empty, a column that is not found may be one of the broken.
    """

    name: Ident
    origin: Origin | None = None
    key: KeyItem | None = None
    time: TimeItem | None = None
    snapshot: SnapshotItem | None = None
    valid: ValidItem | None = None
    keep: KeepItem | None = None
    roles: tuple[EntityRole, ...] = ()
    columns: tuple[ColumnDecl, ...] | None = None
    drops: tuple[DropItem, ...] = ()
    expects: tuple[ExpectDecl, ...] = ()
    broken: tuple[BrokenDecl, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinItem(Node):
    """``join [many] products as p on sku = p.sku``."""

    target: Name
    alias: Ident | None
    on: Expr
    many: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LetItem(Node):
    """``let premium: bool = p.price >= $floor``."""

    name: Ident
    type: TypeExpr | None
    value: Expr
    doc: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WhereItem(Node):
    condition: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewDecl(Declared):
    """``view v from s, s2 { … }``."""

    name: Ident
    sources: tuple[Name, ...]
    joins: tuple[JoinItem, ...] = ()
    lets: tuple[LetItem, ...] = ()
    wheres: tuple[WhereItem, ...] = ()
    expects: tuple[ExpectDecl, ...] = ()
    broken: tuple[BrokenDecl, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InputDecl(Declared):
    """``input r { lat: float }``."""

    name: Ident
    columns: tuple[ColumnDecl, ...] = ()
    broken: tuple[BrokenDecl, ...] = ()
