"""The syntax tree of declarations: one class each, in the order of the language's manual."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from featdsl.syntax.nodes_base import (
    DurationLit,
    Ident,
    InstantLit,
    Name,
    Node,
    ParamRef,
    Pattern,
    PercentLit,
    StringLit,
    TypeExpr,
)
from featdsl.syntax.nodes_data import (
    EntityDecl,
    InputDecl,
    SourceDecl,
    ViewDecl,
)
from featdsl.syntax.nodes_expr import (
    Arg,
    Expr,
    ListExpr,
)
from featdsl.syntax.nodes_shared import (
    AllowAttr,
    Attribute,
    BrokenDecl,
    Declared,
    ExpectDecl,
)
from featdsl.syntax.nodes_window import (
    Window,
)

# --- file level


@dataclass(frozen=True, slots=True, kw_only=True)
class NamespaceDecl(Declared):
    """``namespace a.b``."""

    path: Name


@dataclass(frozen=True, slots=True, kw_only=True)
class UseDecl(Declared):
    """``use a.b.{x, y}`` (path ``a.b``) or ``use a.b.x`` (path ``a.b.x``, no names)."""

    path: Name
    names: tuple[Ident, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstDecl(Declared):
    """``const standard = [7d, 30d]``."""

    name: Ident
    value: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class ParamDecl(Declared):
    """``[secret] param floor: decimal(12, 2) = 500.00``."""

    name: Ident
    type: TypeExpr
    default: Expr | None = None
    secret: bool = False


# --- features


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureDecl(Declared):
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
    alias: Ident | Pattern | None = None


GroupItem: TypeAlias = FeatureDecl | ForDecl | ApplyDecl


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group(Declared):
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
class FnDecl(Declared):
    """``fn share(a: decimal, b: decimal): decimal = a / b``."""

    name: Ident
    params: tuple[TypedName, ...] = ()
    returns: TypeExpr | None = None
    value: Expr


# --- consumers, requests, data sets


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector(Node):
    """``g.f as x``, ``g.* as g``: `path` is without the star."""

    path: Name
    star: bool = False
    alias: Ident | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsumerDecl(Declared):
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
class WantedDecl(Declared):
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
    """``split by time at @x, @y``, ``split by customer_id at 80%``."""

    column: Ident
    at: tuple[InstantLit | ParamRef | PercentLit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetDecl(Declared):
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
class TestDecl(Declared):
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
