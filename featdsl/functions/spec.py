"""What a scalar function is: signature, meaning, SQL, examples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from sqlglot import exp

from featdsl.sql import build
from featdsl.types.dtype import ERROR, DType, Kind, common
from featdsl.types.signature import Parameter


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What a function is lowered from.

    ``args`` with their ``dtypes`` (repeated and constant ones too, as literals); ``as_of`` is
    the as-of time and ``timezone`` the project's zone name.
    """

    args: tuple[exp.Expr, ...]
    dtypes: tuple[DType, ...]
    as_of: exp.Expr
    timezone: str

    def arg(self, i: int = 0) -> exp.Expr:
        return self.args[i].copy()

    def as_float(self, i: int = 0) -> exp.Expr:
        """Argument `i` as float64."""
        if self.dtypes[i].kind is Kind.FLOAT:
            return self.arg(i)
        return exp.cast(self.arg(i), exp.DataType.Type.DOUBLE)

    def cast_to(self, dtype: DType, i: int = 0) -> exp.Expr:
        """Argument `i`, cast where its type is another; null has every type."""
        if self.dtypes[i] == dtype or dtype.kind is Kind.NULL:
            return self.arg(i)
        return build.cast(self.arg(i), dtype)

    def text(self, i: int) -> str:
        """The value of a constant text argument."""
        value = self.args[i]
        assert isinstance(value, exp.Literal) and value.is_string, "a constant is a literal"
        return value.name

    def integer(self, i: int) -> int:
        """The value of a constant int argument."""
        value = self.args[i]
        assert isinstance(value, exp.Literal | exp.Neg), "a constant is a literal"
        return -int(value.name) if isinstance(value, exp.Neg) else int(value.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """Arguments and the value they must give, with the as-of time ``2024-03-01T12:00``.

    A constant list is a tuple.
    """

    args: tuple[Any, ...]
    result: Any
    dtypes: tuple[DType, ...]
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """``meaning`` is enough to write a second implementation from.

    ``wrong`` says of the types of all arguments why they do not go together, or None.
    ``reads_as_of`` ones (``days_since``) depend on the as-of time, so they stand in features
    and in conditions of aggregates, not in sources and views. ``nullable`` is True where the
    result may be null although no argument is (a domain error, say); ``null_safe`` ones may
    give a value although an argument is null: the others give null. ``keeps_unit`` is True where
    the value is in the unit of the first argument (of what that holds). ``words`` is a noun phrase
    for sentences, arguments by position (``"whole days from {0} to the as-of time"``); without
    it, the call is shown as text.
    """

    name: str
    meaning: str
    parameters: tuple[Parameter, ...]
    returns: Callable[[Sequence[DType]], DType]
    lower: Callable[[Inputs], exp.Expr]
    reads_as_of: bool = False
    nullable: bool = False
    null_safe: bool = False
    keeps_unit: bool = False
    wrong: Callable[[Sequence[DType]], str | None] | None = None
    words: str | None = None
    examples: tuple[Example, ...] = ()


def narrowest(dtypes: Sequence[DType]) -> DType:
    """The narrowest type that holds values of all; `ERROR` where there is none."""
    return reduce(lambda a, b: common(a, b) or ERROR, dtypes)
