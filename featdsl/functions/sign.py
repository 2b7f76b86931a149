"""``sign(x)``."""

from __future__ import annotations

from decimal import Decimal

from featdsl.functions.spec import Example, Function
from featdsl.sql import build
from featdsl.types.dtype import DURATION, FLOAT, INT, decimal
from featdsl.types.duration import Duration
from featdsl.types.signature import DURATIONS, NUMBERS, Parameter

FUNCTION = Function(
    name="sign",
    meaning="1 where x is more than 0, -1 where it is less, 0 where it is 0: an int.",
    parameters=(Parameter(name="x", accepts=NUMBERS | DURATIONS),),
    returns=lambda _: INT,
    lower=lambda inputs: build.cast(build.func("sign", inputs.arg()), INT),
    words="sign of {0}",
    examples=(
        Example(args=(-3,), result=-1, dtypes=(INT,)),
        Example(args=(Decimal("0.01"),), result=1, dtypes=(decimal(12, 2),)),
        Example(args=(-0.0,), result=0, dtypes=(FLOAT,)),
        Example(args=(Duration(-1, "ms"),), result=-1, dtypes=(DURATION,)),
        Example(args=(None,), result=None, dtypes=(FLOAT,)),
    ),
)
