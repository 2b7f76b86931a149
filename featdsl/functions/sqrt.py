"""``sqrt(x)``."""

from __future__ import annotations

from decimal import Decimal

from sqlglot import exp

from featdsl.functions.spec import Example, Function, Inputs
from featdsl.sql import build
from featdsl.types.dtype import FLOAT, INT, decimal
from featdsl.types.signature import NUMBERS, Parameter


def _lower(inputs: Inputs) -> exp.Expr:
    known = exp.GTE(this=build.paren(inputs.arg()), expression=build.number(0))
    # Engines differ, down to stopping, on what has no root: it does not reach them.
    return build.func("sqrt", build.case(known, inputs.as_float()))


FUNCTION = Function(
    name="sqrt",
    meaning="Square root in float64; null where x is less than 0.",
    parameters=(Parameter(name="x", accepts=NUMBERS),),
    returns=lambda _: FLOAT,
    lower=_lower,
    nullable=True,
    words="square root of {0}",
    examples=(
        Example(args=(4,), result=2.0, dtypes=(INT,)),
        Example(args=(0.0,), result=0.0, dtypes=(FLOAT,)),
        Example(args=(Decimal("2.25"),), result=1.5, dtypes=(decimal(12, 2),)),
        Example(args=(-1,), result=None, dtypes=(INT,)),
        Example(args=(None,), result=None, dtypes=(FLOAT,)),
    ),
)
