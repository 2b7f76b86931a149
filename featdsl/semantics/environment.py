"""Where an expression stands: what its names mean and what it may hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from featdsl.ir import expr as ir
from featdsl.ir.program import Input, Source
from featdsl.semantics.own_attributes import OwnAttribute
from featdsl.semantics.relation import RelationInfo
from featdsl.semantics.report import Report
from featdsl.semantics.scope import Scope, Scopes, Symbol
from featdsl.syntax import nodes
from featdsl.text.sources import SourceSet
from featdsl.text.span import Span
from featdsl.types.dtype import ERROR, NULL, DType
from featdsl.types.duration import Duration

if TYPE_CHECKING:
    from featdsl.semantics.feature_names import GroupNames


class Place(Enum):
    """The kinds of place; what is allowed differs."""

    CONSTANT = auto()  # a constant or a parameter's default: nothing but literals and `$` names
    FUNCTION = auto()  # the body of a `fn`
    SOURCE = auto()  # `drop when` and `expect` of a source
    VIEW = auto()  # `let`, `where`, `on` and `expect` of a view
    ROWS = auto()  # inside an aggregate
    GROUPS = auto()  # inside an aggregate of groups of rows (`per`)
    FEATURE = auto()  # a feature's value, outside aggregates
    PEERS = auto()  # inside a call with `among`: features of each peer
    OUTPUT = auto()  # `expect` of a group or feature


WORDS = {
    Place.CONSTANT: "a constant",
    Place.FUNCTION: "a function",
    Place.SOURCE: "a source",
    Place.VIEW: "a view",
    Place.ROWS: "an aggregate",
    Place.GROUPS: "an aggregate of groups",
    Place.FEATURE: "a feature",
    Place.PEERS: "a call with `among`",
    Place.OUTPUT: "an expectation",
}


class Names(Protocol):
    """What bare and qualified names mean at a place."""

    def resolve(self, name: nodes.Name, env: Env) -> ir.Expr:
        """The expression of a name; an unknown one is reported and gives an error value."""
        ...


class Dollars(Protocol):
    """What ``$`` names mean: loop variables, then constants and parameters."""

    def resolve(self, name: str, span: Span, env: Env) -> ir.Expr | ListValue | None:
        """None for a name that was reported."""
        ...


class Reader(Protocol):
    """Reads the day and the environment, in the default of a parameter."""

    def call(self, node: nodes.Call, env: Env) -> ir.Expr:
        """The value of a call that reads them."""
        ...


class Functions(Protocol):
    """The functions that the language's users declare."""

    def call(self, symbol: Symbol, node: nodes.Call, env: Env) -> ir.Expr:
        """Expand a call."""
        ...


@dataclass(frozen=True, slots=True)
class ListValue:
    """A list that is known at compile time: of literals, or of one parameter's items."""

    items: tuple[ir.Literal | ir.Param, ...]
    span: Span
    name: str | None = None


LoopValue: TypeAlias = ir.Expr | ListValue
"""What a loop variable, or an argument of a template, stands for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregates:
    """How aggregates are read where they stand.

    ``rows`` is the environment of arguments and conditions; ``where`` what group and feature
    say; ``window`` what the feature says for aggregates without a window of their own.
    ``used`` collects what the aggregates took up, so that a clause without effect is found.
    ``inner`` ones read the rows of a group, which have been chosen.
    """

    relation: RelationInfo
    rows: Env
    where: ir.Expr | None
    window: ir.AnyWindow | None
    used: set[str] = field(default_factory=set)
    rowless: bool = False
    """Whether the group has no rows at all."""
    inner: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Env:
    """An environment; ``resolvers`` has a function for each class of the tree."""

    place: Place
    names: Names
    dollars: Dollars
    scope: Scope
    scopes: Scopes
    report: Report
    texts: SourceSet
    resolvers: Mapping[type, Callable[[Any, Env], ir.Expr]]
    functions: Functions
    aggregates: Aggregates | None = None
    beside: RelationInfo | None = None
    """The relation whose rows an aggregate reads in order: `previous` and `session` may stand."""
    as_of: bool = True
    labels: bool = False
    """Whether what is read here are labels: they may look forward."""
    aligned: Duration | None = None
    """The step of the group, for windows that have none of their own."""
    groups: Mapping[str, GroupNames] = field(default_factory=dict)
    """Groups whose features can be named here, by full name."""
    inputs: Mapping[str, Input] = field(default_factory=dict)
    """What arrives with requests, by full name."""
    budget: Budget
    sources: Mapping[str, Source] = field(default_factory=dict)
    """Sources that can be looked in here, by full name."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """What the environment holds, for where data lie; values read it through `dynamic` only."""
    code: Callable[[str], str | None] = lambda argument: None
    """The digest of the Python code of a source, by what names it."""
    attributes: Mapping[str, OwnAttribute] = field(default_factory=dict)
    """Attributes that the project declares itself."""
    dynamic: Reader | None = None
    """What reads the day and the environment, where that is allowed."""

    def resolve(self, node: nodes.Expr) -> ir.Expr:
        """The typed expression of a written one."""
        return self.resolvers[type(node)](node, self)

    def moved(self, **changes: Any) -> Env:
        return replace(self, **changes)


@dataclass(slots=True)
class Budget:
    """Nodes that functions may still expand to."""

    left: int


def error(span: Span) -> ir.Literal:
    """The value of what was reported: it absorbs whatever is done with it."""
    return ir.Literal(dtype=ERROR, nullable=True, span=span, value=None)


def literal(value: ir.Scalar, dtype: DType, span: Span) -> ir.Literal:
    return ir.Literal(dtype=dtype, nullable=dtype == NULL, span=span, value=value)
