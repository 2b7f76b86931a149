"""``bucket(x, [0, 10, 100])``."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

from sqlglot import exp

from featdsl.functions.spec import Example, Function, Inputs
from featdsl.sql import build
from featdsl.types.dtype import FLOAT, INT, DType, decimal, have_room, list_of
from featdsl.types.signature import LISTS, NUMBERS, Parameter


def _lower(inputs: Inputs) -> exp.Expr:
    x, edges = build.paren(inputs.arg()), inputs.args[1].expressions
    branches = [
        exp.If(this=exp.LT(this=x.copy(), expression=edge.copy()), true=build.number(i))
        for i, edge in enumerate(edges)
    ]
    above = exp.GTE(this=x, expression=edges[-1].copy())  # and not else: null is in no interval
    branches.append(exp.If(this=above, true=build.number(len(edges))))
    return build.cast(exp.Case(ifs=branches), INT)


def _wrong(edges: Sequence[Any]) -> str | None:
    if not edges:
        return "at least one edge is needed"
    for edge in edges:
        if isinstance(edge, bool) or not isinstance(edge, Decimal | int | float):
            return "each edge must be a number"
    for low, high in pairwise(edges):
        if low >= high:
            return f"edges must rise, and {high} stands after {low}"
    return None


def _apart(dtypes: Sequence[DType]) -> str | None:
    x, edges = dtypes
    if edges.items and not have_room(x, edges.items[0]):
        return f"no one type holds {x} and edges of {edges.items[0]}"
    return None


FUNCTION = Function(
    name="bucket",
    meaning=(
        "Number of edges that are not more than x: 0 below the first edge, 1 from the first on, "
        "the number of edges from the last on. An interval holds its lower edge, not its upper."
    ),
    parameters=(
        Parameter(name="x", accepts=NUMBERS),
        Parameter(name="edges", accepts=LISTS, constant=True, valid=_wrong),
    ),
    returns=lambda _: INT,
    lower=_lower,
    wrong=_apart,
    words="bucket of {0} among {1}",
    examples=(
        Example(args=(-1, (0, 10)), result=0, dtypes=(INT, list_of(INT))),
        Example(args=(0, (0, 10)), result=1, dtypes=(INT, list_of(INT))),
        Example(args=(9.99, (0, 10)), result=1, dtypes=(FLOAT, list_of(INT))),
        Example(args=(10, (0, 10)), result=2, dtypes=(INT, list_of(INT))),
        Example(
            args=(Decimal("0.50"), (Decimal("0.5"), Decimal("1.0"))),
            result=1,
            dtypes=(decimal(12, 2), list_of(decimal(2, 1))),
        ),
        Example(args=(5, (7,)), result=0, dtypes=(INT, list_of(INT))),
        Example(args=(None, (0, 10)), result=None, dtypes=(INT, list_of(INT))),
    ),
)
