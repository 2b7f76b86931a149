"""Features and labels, and the groups that declare them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from featdsl.ir.declared import Declared
from featdsl.ir.expectation import Expectation
from featdsl.ir.expr import Expr, NextWindow, Window
from featdsl.ir.source import Role
from featdsl.types.dtype import DType


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature(Declared):
    """One value for each key and as-of time.

    ``expr`` is cast to ``dtype``. ``family`` is the declared name where it is a member of one
    (``spend`` of ``spend_7d``), with its ``window``. ``text`` is the definition as written.
    ``index`` is its place among the group's features in the order of the text.
    """

    group: str
    dtype: DType
    nullable: bool
    expr: Expr
    text: str
    index: int = field(default=0, compare=False)
    family: str | None = None
    window: Window | NextWindow | None = None
    expectations: tuple[Expectation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(Declared):
    """Features, or labels, of one entity over one relation (a source or view).

    ``role`` names the columns of the relation that hold the entity's key. Both are None where
    the features rest on those of other groups only. ``features`` are in dependency order, by
    full name. ``requests`` are those that rest on an `Input`, apart: only training sets have
    values of them. ``expectations`` are over the group's output.
    """

    entity: str
    relation: str | None
    role: Role | None
    features: Mapping[str, Feature]
    requests: Mapping[str, Feature] = field(default_factory=dict)
    expectations: tuple[Expectation, ...] = ()

    @property
    def members(self) -> Mapping[str, Feature]:
        """All that is declared in it, each after what it rests on."""
        return {**self.features, **self.requests}
