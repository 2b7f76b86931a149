"""``mod(a, b)``."""

from __future__ import annotations

from decimal import Decimal

from sqlglot import exp

from featdsl.functions.spec import Example, Function, Inputs, narrowest
from featdsl.sql import build
from featdsl.types.dtype import FLOAT, INT, Kind, decimal
from featdsl.types.signature import NUMBERS, Parameter


def _lower(inputs: Inputs) -> exp.Expr:
    dtype = narrowest(inputs.dtypes)
    if dtype.kind is Kind.INT:
        return build.floor_mod(inputs.arg(0), inputs.arg(1), dtype)
    return build.floor_mod(inputs.cast_to(dtype, 0), inputs.cast_to(dtype, 1), dtype)


FUNCTION = Function(
    name="mod",
    meaning=(
        "Remainder of a divided by b, rounding down: a - b * floor(a / b), so its sign is that of "
        "b; null where b is 0. Exact for ints and decimals; of floats the exact remainder "
        "(fmod), plus b where its sign is not that of b."
    ),
    parameters=(
        Parameter(name="a", accepts=NUMBERS),
        Parameter(name="b", accepts=NUMBERS, same_as="a"),
    ),
    returns=narrowest,
    lower=_lower,
    nullable=True,
    keeps_unit=True,
    words="remainder of {0} divided by {1}",
    examples=(
        Example(args=(-7, 2), result=1, dtypes=(INT, INT)),
        Example(args=(7, -2), result=-1, dtypes=(INT, INT)),
        Example(args=(-(2**63), -1), result=0, dtypes=(INT, INT)),
        Example(args=(6, 3), result=0, dtypes=(INT, INT)),
        Example(args=(5, 0), result=None, dtypes=(INT, INT)),
        Example(args=(Decimal("-7.50"), 2), result=Decimal("0.50"), dtypes=(decimal(12, 2), INT)),
        Example(
            args=(Decimal("1.00"), Decimal("0.0")),
            result=None,
            dtypes=(decimal(12, 2), decimal(2, 1)),
        ),
        Example(args=(-7.5, 2.0), result=0.5, dtypes=(FLOAT, FLOAT)),
        Example(args=(1.5, 0), result=None, dtypes=(FLOAT, INT)),
        Example(args=(None, 2), result=None, dtypes=(INT, INT)),
        Example(args=(2, None), result=None, dtypes=(INT, INT)),
    ),
)
