"""``kurtosis(x)``."""

from __future__ import annotations

from decimal import Decimal

from featdsl.aggregates.moments import lower_moment
from featdsl.aggregates.partials import OWN_MEANS
from featdsl.aggregates.spec import Aggregate, Example
from featdsl.types.dtype import FLOAT, INT, decimal
from featdsl.types.signature import NUMBERS, Parameter

AGGREGATE = Aggregate(
    name="kurtosis",
    meaning=(
        "Sample excess kurtosis of the n non-null values (0 for a normal distribution): (n - 1) / "
        "((n - 2) * (n - 3)) * ((n + 1) * (m4 / m2 ** 2 - 3) + 6), where mk is the mean of the "
        "k-th powers of the distances from the mean, in float64. Null for fewer than four values, "
        "where they do not vary, and for floats where one is larger than 1e60 in size or m2 is "
        "below 1e-100."
    ),
    parameters=(Parameter(name="x", accepts=NUMBERS),),
    returns=lambda _: FLOAT,
    lower=lambda inputs: lower_moment("kurtosis", inputs),
    partials=OWN_MEANS,
    words="kurtosis of {0}",
    examples=(
        Example(rows=((0,), (None,), (0,), (0,), (4,)), result=4.0, dtypes=(INT,)),
        Example(rows=((1,), (2,), (4,), (8,), (16,)), result=1.303763440860216, dtypes=(INT,)),
        Example(rows=((1.0,), (2.0,), (3.0,), (4.0,)), result=-1.2, dtypes=(FLOAT,)),
        Example(
            rows=((Decimal("0.04"),), (Decimal("0.00"),), (Decimal("0.00"),), (Decimal("0.00"),)),
            result=4.0,
            dtypes=(decimal(12, 2),),
        ),
        Example(rows=((2,), (2,), (2,), (2,)), result=None, dtypes=(INT,)),
        Example(rows=((1,), (2,), (4,)), result=None, dtypes=(INT,)),
        Example(rows=((1.0,), (2.0,), (3.0,), (1e200,)), result=None, dtypes=(FLOAT,)),
        Example(rows=((None,),), result=None, dtypes=(FLOAT,)),
        Example(rows=(), result=None, dtypes=(INT,)),
    ),
)
