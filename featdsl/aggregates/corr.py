"""``corr(x, y)``."""

from __future__ import annotations

from sqlglot import exp

from featdsl.aggregates.partials import OWN_MEANS
from featdsl.aggregates.spec import Aggregate, Example, Inputs
from featdsl.sql import build
from featdsl.types.dtype import FLOAT, INT, Kind
from featdsl.types.signature import NUMBERS, Parameter

_LEAST_VARIANCE = 1e-200


def _lower(inputs: Inputs) -> exp.Expr:
    value = build.func("corr", inputs.as_float(0), inputs.as_float(1))
    # Rounding may leave the interval by a last digit.
    floored = build.func("greatest", value.copy(), build.number(-1))
    known = build.all_of(
        [build.func("isfinite", value), *(_squares_hold(inputs, i) for i in range(2))]
    )
    assert known is not None
    return build.case(known, build.func("least", floored, build.number(1)))


def _squares_hold(inputs: Inputs, i: int) -> exp.Expr | None:
    """Whether a float's variance is in range: over an infinite one the engine's value is 0.

    Squares that are too small lose digits one by one, and are 0 in the end.
    """
    if inputs.dtypes[i].kind is not Kind.FLOAT:
        return None
    pairs = inputs.only(build.is_null(inputs.arg(1 - i), negated=True))
    variance = build.func("var_pop", pairs.as_float(i))
    least = build.literal(_LEAST_VARIANCE, FLOAT)
    large = exp.GTE(this=variance.copy(), expression=least)
    return exp.And(this=build.func("isfinite", variance), expression=large)


AGGREGATE = Aggregate(
    name="corr",
    meaning=(
        "Pearson's correlation of x and y over rows where both are not null: their covariance "
        "over the product of their standard deviations, in float64, between -1 and 1. Null for "
        "fewer than two rows, where x or y does not vary, and where squares leave the range of "
        "float64: of floats also where a variance (over n) is below 1e-200."
    ),
    parameters=(Parameter(name="x", accepts=NUMBERS), Parameter(name="y", accepts=NUMBERS)),
    returns=lambda _: FLOAT,
    lower=_lower,
    partials=OWN_MEANS,
    words="correlation of {0} and {1}",
    examples=(
        Example(rows=((1, 2), (2, 4), (3, 6)), result=1.0, dtypes=(INT, INT)),
        Example(rows=((1, 6.0), (2, 4.0), (3, 2.0)), result=-1.0, dtypes=(INT, FLOAT)),
        Example(rows=((1, 1), (2, 3), (3, 2), (4, None)), result=0.5, dtypes=(INT, INT)),
        Example(rows=((0.1, 1), (0.1, 2), (0.1, 3)), result=None, dtypes=(FLOAT, INT)),
        Example(rows=((1, 1), (2, None), (None, 3)), result=None, dtypes=(INT, INT)),
        Example(rows=((1, -1.0), (2, -2.0), (3, 1e200)), result=None, dtypes=(INT, FLOAT)),
        Example(rows=((1e-90, 1), (2e-90, 2), (3e-90, 3)), result=1.0, dtypes=(FLOAT, INT)),
        Example(rows=((1e-101, 1), (2e-101, 2), (3e-101, 3)), result=None, dtypes=(FLOAT, INT)),
        Example(rows=((1, 1e-170), (2, 2e-170)), result=None, dtypes=(INT, FLOAT)),
        Example(rows=((1e300, None), (1.0, 2.0), (2.0, 4.0)), result=1.0, dtypes=(FLOAT, FLOAT)),
        Example(rows=((None, None),), result=None, dtypes=(INT, INT)),
        Example(rows=(), result=None, dtypes=(FLOAT, FLOAT)),
    ),
)
