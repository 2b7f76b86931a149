"""``ln(x)``."""

from __future__ import annotations

import math
from decimal import Decimal

from sqlglot import exp

from featdsl.functions.spec import Example, Function, Inputs
from featdsl.sql import build
from featdsl.types.dtype import FLOAT, INT, decimal
from featdsl.types.signature import NUMBERS, Parameter


def _lower(inputs: Inputs) -> exp.Expr:
    positive = exp.GT(this=build.paren(inputs.arg()), expression=build.number(0))
    # Engines differ, down to stopping, on what has no logarithm: it does not reach them.
    return build.func("ln", build.case(positive, inputs.as_float()))


FUNCTION = Function(
    name="ln",
    meaning="Natural logarithm in float64; null where x is 0 or less.",
    parameters=(Parameter(name="x", accepts=NUMBERS),),
    returns=lambda _: FLOAT,
    lower=_lower,
    nullable=True,
    words="natural logarithm of {0}",
    examples=(
        Example(args=(1,), result=0.0, dtypes=(INT,)),
        Example(args=(math.e,), result=1.0, dtypes=(FLOAT,)),
        Example(args=(Decimal("0.50"),), result=-math.log(2), dtypes=(decimal(12, 2),)),
        Example(args=(0,), result=None, dtypes=(INT,)),
        Example(args=(-1.0,), result=None, dtypes=(FLOAT,)),
        Example(args=(None,), result=None, dtypes=(FLOAT,)),
    ),
)
