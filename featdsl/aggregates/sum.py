"""``sum(x)``."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sqlglot import exp

from featdsl.aggregates.spec import Aggregate, Example
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


AGGREGATE = Aggregate(
    name="sum",
    meaning="Sum of the non-null values, exact for ints and decimals; null for none.",
    parameters=(Parameter(name="x", accepts=NUMBERS | DURATIONS),),
    returns=_returns,
    lower=lambda inputs: exp.Sum(this=inputs.counted()),
    examples=(
        Example(rows=((1,), (None,), (3,)), result=4, dtypes=(INT,)),
        Example(
            rows=((Decimal("0.10"),), (Decimal("0.20"),)),
            result=Decimal("0.30"),
            dtypes=(decimal(12, 2),),
        ),
        Example(rows=((None,),), result=None, dtypes=(INT,)),
        Example(rows=(), result=None, dtypes=(INT,)),
    ),
)
