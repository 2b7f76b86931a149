"""``stddev_pop(x)``."""

from __future__ import annotations

from decimal import Decimal

from sqlglot import exp

from featdsl.aggregates.partials import over_n, spread
from featdsl.aggregates.spec import Aggregate, Example, Inputs
from featdsl.sql import build
from featdsl.types.dtype import FLOAT, INT, decimal
from featdsl.types.signature import NUMBERS, Parameter


def _lower(inputs: Inputs) -> exp.Expr:
    # The engine updates mean and squares row by row (Welford), so that nothing cancels.
    return inputs.finite(build.func("stddev_pop", inputs.as_float()))


AGGREGATE = Aggregate(
    name="stddev_pop",
    meaning=(
        "Population standard deviation of the non-null values: square root of `variance_pop`; 0 "
        "for one value, null for none, and where squares leave the range of float64."
    ),
    parameters=(Parameter(name="x", accepts=NUMBERS),),
    returns=lambda _: FLOAT,
    lower=_lower,
    keeps_unit=True,
    partials=spread(lambda squares, n: build.func("sqrt", over_n(squares, n))),
    words="population standard deviation of {0}",
    examples=(
        Example(rows=((2,), (4,), (None,), (6,)), result=(8 / 3) ** 0.5, dtypes=(INT,)),
        Example(
            rows=((Decimal("0.10"),), (Decimal("0.30"),)), result=0.1, dtypes=(decimal(12, 2),)
        ),
        Example(
            rows=((1000000004,), (1000000007,), (1000000013,), (1000000016,)),
            result=22.5**0.5,
            dtypes=(INT,),
        ),
        Example(rows=((0.1,), (0.1,), (0.1,)), result=0.0, dtypes=(FLOAT,)),
        Example(rows=((7,),), result=0.0, dtypes=(INT,)),
        Example(rows=((1e300,), (-1e300,)), result=None, dtypes=(FLOAT,)),
        Example(rows=((None,),), result=None, dtypes=(FLOAT,)),
        Example(rows=(), result=None, dtypes=(INT,)),
    ),
)
