"""``abs(x)``."""

from __future__ import annotations

from decimal import Decimal

from featdsl.functions.spec import Example, Function
from featdsl.sql import build
from featdsl.types.dtype import DURATION, FLOAT, INT, decimal
from featdsl.types.duration import Duration
from featdsl.types.signature import DURATIONS, NUMBERS, Parameter

FUNCTION = Function(
    name="abs",
    meaning="Size of x: x without its sign, in x's type.",
    parameters=(Parameter(name="x", accepts=NUMBERS | DURATIONS),),
    returns=lambda dtypes: dtypes[0],
    lower=lambda inputs: build.func("abs", inputs.arg()),
    keeps_unit=True,
    words="size of {0}",
    examples=(
        Example(args=(-3,), result=3, dtypes=(INT,)),
        Example(args=(Decimal("-0.50"),), result=Decimal("0.50"), dtypes=(decimal(12, 2),)),
        Example(args=(-1.5,), result=1.5, dtypes=(FLOAT,)),
        Example(args=(Duration(-2, "h"),), result=Duration(2, "h"), dtypes=(DURATION,)),
        Example(args=(None,), result=None, dtypes=(INT,)),
    ),
)
