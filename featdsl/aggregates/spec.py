"""What an aggregate is: signature, meaning, SQL, examples."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from sqlglot import exp

from featdsl.ir.expr import Value
from featdsl.sql import build
from featdsl.types.dtype import DType, Kind
from featdsl.types.signature import Parameter


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What an aggregate is lowered from: SQL over the rows of one window.

    ``args`` are the argument expressions (constants too, as literals) with their ``dtypes``, and
    ``constants`` the values of those, None for the others (a month is no literal: null);
    ``timezone`` is the project's zone. ``condition`` is true for the rows that count (None: all);
    ``order`` is a value that
    orders rows totally (time, then ties); ``time`` is the row's time. The last two are there
    only where the aggregate asks for them.
    """

    args: tuple[exp.Expr, ...]
    dtypes: tuple[DType, ...]
    condition: exp.Expr | None = None
    order: exp.Expr | None = None
    time: exp.Expr | None = None
    as_of: exp.Expr | None = None
    timezone: str = "UTC"
    constants: tuple[Value, ...] = ()

    def arg(self, i: int = 0) -> exp.Expr:
        return self.args[i].copy()

    def counted(self, i: int = 0) -> exp.Expr:
        """Argument `i` where the row counts, else null: for aggregates that ignore nulls."""
        if self.condition is None:
            return self.arg(i)
        return build.case(self.condition.copy(), self.arg(i))

    def one(self) -> exp.Expr:
        """1 where the row counts, else null: what a count of rows counts."""
        if self.condition is None:
            return build.number(1)
        return build.case(self.condition.copy(), build.number(1))

    def as_float(self, i: int = 0) -> exp.Expr:
        """As `counted`, as float64."""
        if self.dtypes[i].kind is Kind.FLOAT:
            return self.counted(i)
        return exp.cast(self.counted(i), exp.DataType.Type.DOUBLE)

    def only(self, condition: exp.Expr) -> Inputs:
        """The same, of rows for which `condition` is true as well."""
        known = None if self.condition is None else self.condition.copy()
        return replace(self, condition=build.all_of([known, condition]))

    def filtered(self, aggregate: exp.Expr) -> exp.Expr:
        """``aggregate FILTER (WHERE condition)``."""
        if self.condition is None:
            return aggregate
        return exp.Filter(this=aggregate, expression=exp.Where(this=self.condition.copy()))

    def finite(self, aggregate: exp.Expr) -> exp.Expr:
        """Null in place of NaN and infinity, which only sums over floats can reach."""
        if any(dtype.kind is Kind.FLOAT for dtype in self.dtypes):
            return build.finite(aggregate)
        return aggregate

    def micros_before_as_of(self) -> exp.Expr:
        """Microseconds from the row's time to the as-of time: exact, and small for recent rows."""
        assert self.time is not None and self.as_of is not None
        return exp.Sub(
            this=build.epoch_us(self.as_of.copy()), expression=build.epoch_us(self.time.copy())
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """Rows in one window and the value they must give.

    Rows are oldest first, an hour apart, the last of them an hour before the as-of time. A row
    holds the non-constant arguments in order; ``constants`` the constant ones.
    """

    rows: tuple[tuple[Any, ...], ...]
    result: Any
    dtypes: tuple[DType, ...]
    constants: tuple[Any, ...] = ()


States: TypeAlias = Mapping[str, exp.Expr]
"""Columns by name, that hold what is kept of rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Partials:
    """How the value of rows is found from parts of them, however they are parted.

    ``states`` are aggregates over the rows of a part; ``merge`` gives the states of several parts
    from columns with theirs, one row a part, again as aggregates; ``finish`` makes the value of
    states. Where they are ``invertible`` each state is an exact number, and the states of what is
    left when a part is taken away are differences; sums of floats would cancel, so it says
    ``exact`` where floats are no part of it, whatever the arguments.
    """

    states: Callable[[Inputs], States]
    merge: Callable[[States], States]
    finish: Callable[[States, Inputs], exp.Expr]
    invertible: bool = False
    exact: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate:
    """``meaning`` is enough to write a second implementation from.

    ``empty`` is the value of no rows (null for all but counts); ``nullable`` is False where it
    is never null. ``ordered`` ones need the rows' total order, ``timed`` ones their time.
    ``stored`` ones return a value of the column itself, so that pii stays pii. ``tolerance`` is
    the relative standard error of approximate ones, of a quantile the error of its rank.
    ``keeps_unit`` is True where the value, or what it holds, is in the unit of the first argument.
    ``words`` is a noun phrase for sentences, arguments by position (``"sum of {0}"``); without
    it, the call is shown as text.
    ``partials`` say how parts of rows are merged, or why that cannot be. ``wrong`` says of the
    types of all arguments that are given why they do not go together, or None.
    """

    name: str
    meaning: str
    parameters: tuple[Parameter, ...]
    returns: Callable[[Sequence[DType]], DType]
    lower: Callable[[Inputs], exp.Expr]
    empty: Any = None
    nullable: bool = True
    ordered: bool = False
    timed: bool = False
    stored: bool = False
    tolerance: float | None = None
    keeps_unit: bool = False
    partials: Partials | str = "it does not say"
    wrong: Callable[[Sequence[DType]], str | None] | None = None
    words: str | None = None
    examples: tuple[Example, ...] = ()
