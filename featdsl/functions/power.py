"""``power(x, y)``."""

from __future__ import annotations

from decimal import Decimal

from sqlglot import exp

from featdsl.functions.spec import Example, Function, Inputs
from featdsl.sql import build
from featdsl.types.dtype import FLOAT, INT, decimal
from featdsl.types.signature import NUMBERS, Parameter


def _lower(inputs: Inputs) -> exp.Expr:
    return build.finite(build.func("pow", inputs.as_float(0), inputs.as_float(1)))


FUNCTION = Function(
    name="power",
    meaning=(
        "x to the power of y in float64 (IEEE 754 pow): 1 where y is 0; null for a negative x "
        "with a y that is not whole, for 0 with a negative y, and outside the range of float64."
    ),
    parameters=(Parameter(name="x", accepts=NUMBERS), Parameter(name="y", accepts=NUMBERS)),
    returns=lambda _: FLOAT,
    lower=_lower,
    nullable=True,
    words="{0} to the power of {1}",
    examples=(
        Example(args=(2, 10), result=1024.0, dtypes=(INT, INT)),
        Example(args=(Decimal("0.50"), -1), result=2.0, dtypes=(decimal(12, 2), INT)),
        Example(args=(-8.0, 3), result=-512.0, dtypes=(FLOAT, INT)),
        Example(args=(0, 0), result=1.0, dtypes=(INT, INT)),
        Example(args=(-8, 0.5), result=None, dtypes=(INT, FLOAT)),
        Example(args=(0, -1), result=None, dtypes=(INT, INT)),
        Example(args=(1e200, 2), result=None, dtypes=(FLOAT, INT)),
        Example(args=(None, 0), result=None, dtypes=(FLOAT, INT)),
        Example(args=(1, None), result=None, dtypes=(INT, FLOAT)),
    ),
)
