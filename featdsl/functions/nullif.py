"""``nullif(a, b)``."""

from __future__ import annotations

from decimal import Decimal

from sqlglot import exp

from featdsl.functions.spec import Example, Function, Inputs, narrowest
from featdsl.sql import build
from featdsl.types.dtype import FLOAT, INT, TEXT, decimal
from featdsl.types.signature import ORDERED, Parameter


def _lower(inputs: Inputs) -> exp.Expr:
    dtype = narrowest(inputs.dtypes)
    if dtype == inputs.dtypes[0]:
        return exp.Nullif(this=inputs.arg(0), expression=inputs.cast_to(dtype, 1))
    alike = exp.EQ(this=inputs.cast_to(dtype, 0), expression=inputs.cast_to(dtype, 1))
    return build.case(alike, build.null(), inputs.arg(0))


FUNCTION = Function(
    name="nullif",
    meaning="Null where a equals b, else a, in a's type; a where b is null.",
    parameters=(
        Parameter(name="a", accepts=ORDERED),
        Parameter(name="b", accepts=ORDERED, same_as="a"),
    ),
    returns=lambda dtypes: dtypes[0],
    lower=_lower,
    nullable=True,
    null_safe=True,
    keeps_unit=True,
    words="{0}, null where it is {1}",
    examples=(
        Example(args=(0, 0), result=None, dtypes=(INT, INT)),
        Example(args=(1, 0), result=1, dtypes=(INT, INT)),
        Example(args=(1, Decimal("1.0")), result=None, dtypes=(INT, decimal(2, 1))),
        Example(args=(1, Decimal("1.5")), result=1, dtypes=(INT, decimal(2, 1))),
        Example(args=(0.0, -0.0), result=None, dtypes=(FLOAT, FLOAT)),
        Example(args=("", ""), result=None, dtypes=(TEXT, TEXT)),
        Example(args=(1, None), result=1, dtypes=(INT, INT)),
        Example(args=(None, 1), result=None, dtypes=(INT, INT)),
    ),
)
