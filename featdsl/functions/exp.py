"""``exp(x)``."""

from __future__ import annotations

import math
from decimal import Decimal

from sqlglot import exp

from featdsl.functions.spec import Example, Function, Inputs
from featdsl.sql import build
from featdsl.types.dtype import FLOAT, INT, decimal
from featdsl.types.signature import NUMBERS, Parameter


def _lower(inputs: Inputs) -> exp.Expr:
    return build.finite(build.func("exp", inputs.as_float()))


FUNCTION = Function(
    name="exp",
    meaning="e to the power of x in float64; null where it leaves the range of float64.",
    parameters=(Parameter(name="x", accepts=NUMBERS),),
    returns=lambda _: FLOAT,
    lower=_lower,
    nullable=True,
    words="e to the power of {0}",
    examples=(
        Example(args=(0,), result=1.0, dtypes=(INT,)),
        Example(args=(1.0,), result=math.e, dtypes=(FLOAT,)),
        Example(args=(Decimal("-1.00"),), result=1 / math.e, dtypes=(decimal(12, 2),)),
        Example(args=(-1000,), result=0.0, dtypes=(INT,)),
        Example(args=(1000,), result=None, dtypes=(INT,)),
        Example(args=(None,), result=None, dtypes=(FLOAT,)),
    ),
)
