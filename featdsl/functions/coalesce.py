"""``coalesce(x, …)``."""

from __future__ import annotations

from decimal import Decimal

from sqlglot import exp

from featdsl.functions.spec import Example, Function, Inputs, narrowest
from featdsl.sql import build
from featdsl.types.dtype import INT, NULL, TEXT, decimal
from featdsl.types.signature import ANYTHING, Parameter


def _lower(inputs: Inputs) -> exp.Expr:
    dtype = narrowest(inputs.dtypes)
    return build.coalesce(*(inputs.cast_to(dtype, i) for i in range(len(inputs.args))))


FUNCTION = Function(
    name="coalesce",
    meaning=(
        "The first value that is not null, null where all are, in the narrowest type that holds "
        "them all; the same as `x ?? …`."
    ),
    parameters=(
        Parameter(name="x", accepts=ANYTHING),
        Parameter(name="others", accepts=ANYTHING, repeated=True, same_as="x"),
    ),
    returns=narrowest,
    lower=_lower,
    null_safe=True,
    keeps_unit=True,
    examples=(
        Example(args=(None, 2, 3), result=2, dtypes=(INT, INT, INT)),
        Example(args=("a", None), result="a", dtypes=(TEXT, TEXT)),
        Example(args=(None, Decimal("0.5")), result=Decimal("0.5"), dtypes=(INT, decimal(2, 1))),
        Example(args=(1, Decimal("0.5")), result=Decimal("1.0"), dtypes=(INT, decimal(2, 1))),
        Example(args=(None, 4), result=4, dtypes=(NULL, INT)),
        Example(args=(None, None), result=None, dtypes=(INT, INT)),
    ),
)
