"""Rows made of rows: views."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from featdsl.ir.declared import Declared
from featdsl.ir.expectation import Expectation
from featdsl.ir.expr import Expr
from featdsl.text.span import Span
from featdsl.types.dtype import DType


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """As-of join of a source or view: the row of ``source`` seen at the left row's time.

    ``on`` pairs a left expression with a column of the right side; ``residual`` holds what
    else the condition says (right columns have the alias as qualifier). With ``many`` a left
    row comes out once for each right row that matches.
    """

    source: str
    alias: str
    on: tuple[tuple[Expr, str], ...]
    residual: Expr | None = None
    many: bool = False
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Let:
    name: str
    dtype: DType
    value: Expr
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class View(Declared):
    """Rows made of rows: joins, then lets in order (one may use those above), then where.

    Keeps the left's time, availability, key and roles. ``lefts`` are sources or views; of
    several the rows are those of all of them, by the names of their columns, which are the same.
    """

    lefts: tuple[str, ...]
    joins: tuple[Join, ...]
    lets: tuple[Let, ...]
    where: Expr | None
    expectations: tuple[Expectation, ...] = ()
    places: Mapping[str, int] = field(init=False, compare=False, repr=False)
    """Where each let stands among ``lets``."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "places", {let.name: i for i, let in enumerate(self.lets)})

    @property
    def left(self) -> str:
        """What it stands on; of a union the first."""
        return self.lefts[0]

    @property
    def is_union(self) -> bool:
        return len(self.lefts) > 1
