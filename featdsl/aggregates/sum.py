"""``sum(x)``."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sqlglot import exp

from featdsl.aggregates.partials import finish_sum, totals
from featdsl.aggregates.spec import Aggregate, Example, Inputs
from featdsl.sql import build
from featdsl.types.dtype import (
    DURATION,
    FLOAT,
    INT,
    MAX_DIGITS,
    WIDE_INT,
    DType,
    Kind,
    decimal,
)
from featdsl.types.duration import Duration
from featdsl.types.signature import DURATIONS, NUMBERS, Parameter


def _returns(dtypes: Sequence[DType]) -> DType:
    match dtypes[0].kind:
        case Kind.FLOAT:
            return FLOAT
        case Kind.DECIMAL:
            return decimal(MAX_DIGITS, dtypes[0].scale)
        case Kind.DURATION:
            return DURATION
        case _:
            return WIDE_INT


def _lower(inputs: Inputs) -> exp.Expr:
    total = exp.Sum(this=inputs.counted())
    match inputs.dtypes[0].kind:
        case Kind.FLOAT:
            return build.finite(total)
        case Kind.DURATION:
            return build.cast(total, DURATION)
        case _:
            return total


AGGREGATE = Aggregate(
    name="sum",
    meaning=(
        "Sum of the non-null values, null for none. Exact for ints, decimals and durations, an "
        "error where it has too many digits; of floats a float64, null where it leaves the range."
    ),
    parameters=(Parameter(name="x", accepts=NUMBERS | DURATIONS),),
    returns=_returns,
    lower=_lower,
    keeps_unit=True,
    partials=totals(finish_sum),
    words="sum of {0}",
    examples=(
        Example(rows=((1,), (None,), (3,)), result=4, dtypes=(INT,)),
        Example(
            rows=((Decimal("0.10"),), (Decimal("0.20"),)),
            result=Decimal("0.30"),
            dtypes=(decimal(12, 2),),
        ),
        Example(rows=((2**63 - 1,), (2**63 - 1,)), result=2**64 - 2, dtypes=(INT,)),
        Example(rows=((0.5,), (0.25,)), result=0.75, dtypes=(FLOAT,)),
        Example(rows=((1e308,), (1e308,)), result=None, dtypes=(FLOAT,)),
        Example(
            rows=((Duration(1, "h"),), (Duration(30, "min"),)),
            result=Duration(90, "min"),
            dtypes=(DURATION,),
        ),
        Example(rows=((None,),), result=None, dtypes=(INT,)),
        Example(rows=(), result=None, dtypes=(INT,)),
    ),
)
