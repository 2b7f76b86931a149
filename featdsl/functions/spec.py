"""What a scalar function is: signature, meaning, SQL, examples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from featdsl.types.dtype import DType
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
        return exp.cast(self.arg(i), exp.DataType.Type.DOUBLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """Arguments and the value they must give, with the as-of time ``2024-03-01T12:00``."""

    args: tuple[Any, ...]
    result: Any
    dtypes: tuple[DType, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """``reads_as_of`` ones (``days_since``) depend on the as-of time, so they stand in features
    and in conditions of aggregates, not in sources and views. ``nullable`` is True where the
    result may be null although no argument is (a domain error, say); ``null_safe`` ones may
    give a value although an argument is null. ``words`` is a noun phrase for sentences,
    arguments by position (``"whole days from {0} to the as-of time"``); without it, the call is
    shown as text.
    """

    name: str
    meaning: str
    parameters: tuple[Parameter, ...]
    returns: Callable[[Sequence[DType]], DType]
    lower: Callable[[Inputs], exp.Expr]
    reads_as_of: bool = False
    nullable: bool = False
    null_safe: bool = False
    words: str | None = None
    examples: tuple[Example, ...] = ()
