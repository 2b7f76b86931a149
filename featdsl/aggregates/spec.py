"""What an aggregate is: signature, meaning, SQL, examples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from featdsl.sql import build
from featdsl.types.dtype import DType
from featdsl.types.signature import Parameter


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What an aggregate is lowered from: SQL over the rows of one window.

    ``args`` are the argument expressions (constants too, as literals) with their ``dtypes``;
    ``condition`` is true for the rows that count (None: all of them); ``order`` is a value that
    orders rows totally (time, then ties); ``time`` is the row's time. The last two are there
    only where the aggregate asks for them.
    """

    args: tuple[exp.Expr, ...]
    dtypes: tuple[DType, ...]
    condition: exp.Expr | None = None
    order: exp.Expr | None = None
    time: exp.Expr | None = None

    def arg(self, i: int = 0) -> exp.Expr:
        return self.args[i].copy()

    def counted(self, i: int = 0) -> exp.Expr:
        """Argument `i` where the row counts, else null: for aggregates that ignore nulls."""
        if self.condition is None:
            return self.arg(i)
        return build.case(self.condition.copy(), self.arg(i))

    def as_float(self, i: int = 0) -> exp.Expr:
        """As `counted`, as float64."""
        return exp.cast(self.counted(i), exp.DataType.Type.DOUBLE)

    def filtered(self, aggregate: exp.Expr) -> exp.Expr:
        """``aggregate FILTER (WHERE condition)``."""
        if self.condition is None:
            return aggregate
        return exp.Filter(this=aggregate, expression=exp.Where(this=self.condition.copy()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """Rows in one window, oldest first (an hour apart), and the value they must give.

    A row holds the non-constant arguments in order; ``constants`` the constant ones.
    """

    rows: tuple[tuple[Any, ...], ...]
    result: Any
    dtypes: tuple[DType, ...]
    constants: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate:
    """``empty`` is the value of no rows (null for all but counts); ``nullable`` is False where
    it is never null. ``ordered`` ones need the rows' total order, ``timed`` ones their time.
    ``condition`` ones take a bare condition in place of an argument: ``exists(where p)``.
    ``stored`` ones return a value of the column itself, so that pii stays pii. ``words`` is a
    noun phrase for sentences, arguments by position (``"sum of {0}"``); without it, the call is
    shown as text.
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
    words: str | None = None
    examples: tuple[Example, ...] = ()
