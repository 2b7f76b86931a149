"""The syntax tree of declarations: one class each, in the order of the language's manual."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from featdsl.syntax.nodes_expr import (
    Arg,
    BoolLit,
    Call,
    CompareOp,
    DecimalLit,
    DurationLit,
    Expr,
    Ident,
    InstantLit,
    IntLit,
    ListExpr,
    Name,
    Node,
    NullLit,
    ParamRef,
    Pattern,
    PercentLit,
    StringLit,
    TypeExpr,
    Window,
)

# --- what any declaration may hold


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
class _Decl(Node):
    doc: str | None = None
    attributes: tuple[Attribute, ...] = ()
    allows: tuple[AllowAttr, ...] = ()
    private: bool = False

    def attribute(self, name: str) -> Attribute | None:
        """The first attribute of that name."""
        return next((a for a in self.attributes if a.name.text == name), None)


# --- file level


@dataclass(frozen=True, slots=True, kw_only=True)
class NamespaceDecl(_Decl):
    """``namespace a.b``."""

    path: Name


@dataclass(frozen=True, slots=True, kw_only=True)
class UseDecl(_Decl):
    """``use a.b.{x, y}`` (path ``a.b``) or ``use a.b.x`` (path ``a.b.x``, no names)."""

    path: Name
    names: tuple[Ident, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstDecl(_Decl):
    """``const standard = [7d, 30d]``."""

    name: Ident
    value: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class ParamDecl(_Decl):
    """``[secret] param floor: decimal(12, 2) = 500.00``."""

    name: Ident
    type: TypeExpr
    default: Expr | None = None
    secret: bool = False


# --- entities, sources, views


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyColumn(Node):
    """``key customer_id: int`` of an entity."""

    name: Ident
    type: TypeExpr


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityDecl(_Decl):
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
class SourceDecl(_Decl):
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
class ViewDecl(_Decl):
    """``view v from s, s2 { … }``."""

    name: Ident
    sources: tuple[Name, ...]
    joins: tuple[JoinItem, ...] = ()
    lets: tuple[LetItem, ...] = ()
    wheres: tuple[WhereItem, ...] = ()
    expects: tuple[ExpectDecl, ...] = ()
    broken: tuple[BrokenDecl, ...] = ()


# --- features


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureDecl(_Decl):
    """``[private] name[windows]: type = value [over w] [where c] [default v] [{ … }]``."""

    name: Ident | Pattern
    windows: tuple[Window, ...] = ()
    type: TypeExpr | None = None
    value: Expr
    over: Window | None = None
    where: Expr | None = None
    default: Expr | None = None
    expects: tuple[ExpectDecl, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ForDecl(Node):
    """``for c in ["food", "wine"] { … }``."""

    variable: Ident
    values: ListExpr | ParamRef
    items: tuple[GroupItem, ...] = ()
    expects: tuple[ExpectDecl, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    allows: tuple[AllowAttr, ...] = ()
    private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyDecl(Node):
    """``apply rfm(amount, 365d) as prefix``."""

    template: Name
    args: tuple[Arg, ...] = ()
    alias: Ident | None = None


GroupItem: TypeAlias = FeatureDecl | ForDecl | ApplyDecl


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group(_Decl):
    items: tuple[GroupItem, ...] = ()
    expects: tuple[ExpectDecl, ...] = ()
    broken: tuple[BrokenDecl, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FeaturesDecl(_Group):
    """``features g for e(role) from s where c aligned d { … }``."""

    name: Ident
    entity: Name
    role: tuple[Ident, ...] = ()
    source: Name | None = None
    where: Expr | None = None
    aligned: DurationLit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelsDecl(_Group):
    """``labels g for e from s { … }``."""

    name: Ident
    entity: Name
    role: tuple[Ident, ...] = ()
    source: Name | None = None
    where: Expr | None = None
    aligned: DurationLit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedName(Node):
    """``w: window`` of a template or a function; `type` None: not written."""

    name: Ident
    type: TypeExpr | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateDecl(_Group):
    """``template rfm(money: column, w: window) { … }``."""

    name: Ident
    params: tuple[TypedName, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FnDecl(_Decl):
    """``fn share(a: decimal, b: decimal): decimal = a / b``."""

    name: Ident
    params: tuple[TypedName, ...] = ()
    returns: TypeExpr | None = None
    value: Expr


# --- inputs, consumers, requests, data sets


@dataclass(frozen=True, slots=True, kw_only=True)
class InputDecl(_Decl):
    """``input r { lat: float }``."""

    name: Ident
    columns: tuple[ColumnDecl, ...] = ()
    broken: tuple[BrokenDecl, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector(Node):
    """``g.f as x``, ``g.* as g``: `path` is without the star."""

    path: Name
    star: bool = False
    alias: Ident | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsumerDecl(_Decl):
    """``consumer c { kind model reads d }``."""

    name: Ident
    kind: Ident | None = None
    reads: tuple[Selector, ...] = ()
    predictions: Name | None = None
    target: Name | None = None
    broken: tuple[BrokenDecl, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusItem(Node):
    """``status declined because "…"``."""

    state: Ident
    because: StringLit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedDecl(_Decl):
    """``wanted basket_variety for customer { by "…" status open }``."""

    name: Ident
    entity: Name
    status: StatusItem | None = None
    broken: tuple[BrokenDecl, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SpineRows(Node):
    """``spine churn_labels at label_time``."""

    source: Name
    at: Ident


@dataclass(frozen=True, slots=True, kw_only=True)
class SpineGrid(Node):
    """``spine every 7d from @a to @b [sample 10%]``; `sample` is the share."""

    every: DurationLit
    start: InstantLit | ParamRef
    end: InstantLit | ParamRef
    sample: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitItem(Node):
    """``split by time at @x, @y``."""

    column: Ident
    at: tuple[InstantLit | ParamRef, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetDecl(_Decl):
    """What one consumer reads."""

    name: Ident
    entity: Name
    spine: SpineRows | SpineGrid | None = None
    labels: tuple[Name, ...] = ()
    split: SplitItem | None = None
    consumers: tuple[Name, ...] = ()
    includes: tuple[Selector, ...] = ()
    excepts: tuple[Name, ...] = ()
    expects: tuple[ExpectDecl, ...] = ()
    broken: tuple[BrokenDecl, ...] = ()


# --- tests


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell(Node):
    """A table's cell: its trimmed text, an escaped bar read as a bar; empty is null."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row(Node):
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Node):
    """Every row has as many cells as the header."""

    header: tuple[Cell, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenItem(Node):
    target: Name
    table: Table


@dataclass(frozen=True, slots=True, kw_only=True)
class AtItem(Node):
    """``at @2024-01-03`` or a table of keys and ``as_of``."""

    moment: InstantLit | Table


@dataclass(frozen=True, slots=True, kw_only=True)
class ThenItem(Node):
    target: Name
    table: Table


@dataclass(frozen=True, slots=True, kw_only=True)
class ParamSetting(Node):
    """``$premium_floor = 100.00``."""

    param: ParamRef
    value: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class TestDecl(_Decl):
    """``test "…" { … }``; `name` is the text between the quotes."""

    __test__ = False  # not a pytest class

    name: Ident
    givens: tuple[GivenItem, ...] = ()
    settings: tuple[ParamSetting, ...] = ()
    at: AtItem | None = None
    thens: tuple[ThenItem, ...] = ()
    broken: tuple[BrokenDecl, ...] = ()


# --- a file

Decl: TypeAlias = (
    ConstDecl
    | ParamDecl
    | EntityDecl
    | SourceDecl
    | ViewDecl
    | FeaturesDecl
    | LabelsDecl
    | InputDecl
    | ConsumerDecl
    | WantedDecl
    | DatasetDecl
    | TemplateDecl
    | FnDecl
    | TestDecl
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Module(Node):
    """One file: what parsed, in order, and the names of what did not."""

    namespace: NamespaceDecl | None = None
    uses: tuple[UseDecl, ...] = ()
    decls: tuple[Decl, ...] = ()
    broken: tuple[BrokenDecl, ...] = ()
