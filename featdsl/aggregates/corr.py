"""``corr(x, y)``."""

from __future__ import annotations

from sqlglot import exp

from featdsl.aggregates.spec import Aggregate, Example, Inputs
from featdsl.sql import build
from featdsl.types.dtype import FLOAT, INT
from featdsl.types.signature import NUMBERS, Parameter


def _lower(inputs: Inputs) -> exp.Expr:
    value = build.func("corr", inputs.as_float(0), inputs.as_float(1))
    # Rounding may leave the interval by a last digit.
    floored = build.func("greatest", value.copy(), build.number(-1))
    return build.case(build.func("isfinite", value), build.func("least", floored, build.number(1)))


AGGREGATE = Aggregate(
    name="corr",
    meaning=(
        "Pearson's correlation of x and y over rows where both are not null: their covariance "
        "over the product of their standard deviations, in float64, between -1 and 1. Null for "
        "fewer than two rows, where x or y does not vary, and where squares leave the range of "
        "float64."
    ),
    parameters=(Parameter(name="x", accepts=NUMBERS), Parameter(name="y", accepts=NUMBERS)),
    returns=lambda _: FLOAT,
    lower=_lower,
    words="correlation of {0} and {1}",
    examples=(
        Example(rows=((1, 2), (2, 4), (3, 6)), result=1.0, dtypes=(INT, INT)),
        Example(rows=((1, 6.0), (2, 4.0), (3, 2.0)), result=-1.0, dtypes=(INT, FLOAT)),
        Example(rows=((1, 1), (2, 3), (3, 2), (4, None)), result=0.5, dtypes=(INT, INT)),
        Example(rows=((0.1, 1), (0.1, 2), (0.1, 3)), result=None, dtypes=(FLOAT, INT)),
        Example(rows=((1, 1), (2, None), (None, 3)), result=None, dtypes=(INT, INT)),
        Example(rows=((None, None),), result=None, dtypes=(INT, INT)),
        Example(rows=(), result=None, dtypes=(FLOAT, FLOAT)),
    ),
)
