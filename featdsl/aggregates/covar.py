"""``covar(x, y)``."""

from __future__ import annotations

from sqlglot import exp

from featdsl.aggregates.partials import OWN_MEANS
from featdsl.aggregates.spec import Aggregate, Example, Inputs
from featdsl.sql import build
from featdsl.types.dtype import FLOAT, INT
from featdsl.types.signature import NUMBERS, Parameter


def _lower(inputs: Inputs) -> exp.Expr:
    return inputs.finite(build.func("covar_samp", inputs.as_float(0), inputs.as_float(1)))


AGGREGATE = Aggregate(
    name="covar",
    meaning=(
        "Sample covariance of x and y over the n rows where both are not null: products of the "
        "distances from their means, summed, over n - 1, in float64. Null for fewer than two "
        "rows, and where products leave the range of float64."
    ),
    parameters=(Parameter(name="x", accepts=NUMBERS), Parameter(name="y", accepts=NUMBERS)),
    returns=lambda _: FLOAT,
    lower=_lower,
    partials=OWN_MEANS,
    words="covariance of {0} and {1}",
    examples=(
        Example(rows=((1, 2), (3, 6)), result=4.0, dtypes=(INT, INT)),
        Example(rows=((1, 2.5), (2, None), (3, 1.5)), result=-1.0, dtypes=(INT, FLOAT)),
        Example(rows=((1, 5), (2, 5)), result=0.0, dtypes=(INT, INT)),
        Example(rows=((1, 1),), result=None, dtypes=(INT, INT)),
        Example(rows=((1e300, 1e300), (-1e300, -1e300)), result=None, dtypes=(FLOAT, FLOAT)),
        Example(rows=((None, None),), result=None, dtypes=(INT, INT)),
        Example(rows=(), result=None, dtypes=(INT, INT)),
    ),
)
