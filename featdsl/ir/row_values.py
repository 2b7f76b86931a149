"""Values of a row that depend on the rows beside it: what `plan.Ordered` computes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum, auto
from typing import TypeAlias

from featdsl.ir.expr import Expr
from featdsl.types.duration import Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class FromNewest:
    """The number of a row for which ``where`` is true among those, 1 for the newest; else null."""

    where: Expr | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """The row's number, 1 for the oldest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """The value of ``operand`` in the ``n``-th row before; null where there is none.

    ``within`` are values that the rows must share; with ``where`` they are those for which it is
    true.
    """

    operand: Expr
    n: int
    within: tuple[Expr, ...] = ()
    where: Expr | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Begins:
    """The row's time where it comes ``gap`` or more after the row before; null elsewhere."""

    before: Before  # of the time
    gap: Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class LargestSoFar:
    """The largest value of a column in the rows up to this one."""

    column: str
    within: tuple[Expr, ...] = ()
    where: Expr | None = None


class Pick(StrEnum):
    """Which value of several rows is taken."""

    LAST = auto()
    LARGEST = auto()
    SMALLEST = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """A value of the ``n`` rows that come after, of those for which ``where`` is true.

    Null where they are fewer, but for the smallest; the largest is null where one has none.
    """

    column: str
    n: int
    pick: Pick
    where: Expr | None = None


RowValue: TypeAlias = FromNewest | Position | Before | Begins | LargestSoFar | After


def read_by(value: RowValue) -> Iterator[Expr]:
    """The expressions that a value is made of."""
    match value:
        case Begins(before=before):
            yield from read_by(before)
        case FromNewest(where=where) | After(where=where):
            yield from () if where is None else (where,)
        case Before(operand=operand, within=within, where=where):
            yield operand
            yield from within
            yield from () if where is None else (where,)
        case LargestSoFar(within=within, where=where):
            yield from within
            yield from () if where is None else (where,)
