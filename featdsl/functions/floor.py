"""``floor(x)``."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sqlglot import exp

from featdsl.functions.spec import Example, Function, Inputs
from featdsl.sql import build
from featdsl.types.dtype import FLOAT, INT, DType, Kind, decimal
from featdsl.types.signature import NUMBERS, Parameter


def whole_number(dtypes: Sequence[DType]) -> DType:
    """The type of a number without what is behind its point."""
    x = dtypes[0]
    if x.kind is Kind.DECIMAL and x.scale > 0:
        return decimal(x.precision - x.scale + 1, 0)
    return x


def lower_whole(function: str, inputs: Inputs) -> exp.Expr:
    """A whole number beside x: of an exact type that has no other the number itself."""
    dtype = whole_number(inputs.dtypes)
    if dtype.is_exact and dtype == inputs.dtypes[0]:
        return inputs.arg()
    value = build.func(function, inputs.arg())
    return build.cast(value, dtype) if dtype.is_exact else value


FUNCTION = Function(
    name="floor",
    meaning=(
        "The largest whole number that is not more than x. Of an int the int itself, of a decimal "
        "a decimal without digits after the point, of a float a float."
    ),
    parameters=(Parameter(name="x", accepts=NUMBERS),),
    returns=whole_number,
    lower=lambda inputs: lower_whole("floor", inputs),
    keeps_unit=True,
    words="{0} rounded down",
    examples=(
        Example(args=(-1.5,), result=-2.0, dtypes=(FLOAT,)),
        Example(args=(Decimal("-1.50"),), result=Decimal("-2"), dtypes=(decimal(3, 2),)),
        Example(args=(Decimal("1.01"),), result=Decimal("1"), dtypes=(decimal(3, 2),)),
        Example(args=(Decimal("-9.99"),), result=Decimal("-10"), dtypes=(decimal(3, 2),)),
        Example(args=(2**63 - 1,), result=2**63 - 1, dtypes=(INT,)),
        Example(args=(None,), result=None, dtypes=(FLOAT,)),
    ),
)
