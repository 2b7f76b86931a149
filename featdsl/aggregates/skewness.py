"""``skewness(x)``."""

from __future__ import annotations

from decimal import Decimal

from featdsl.aggregates.moments import lower_moment
from featdsl.aggregates.partials import OWN_MEANS
from featdsl.aggregates.spec import Aggregate, Example
from featdsl.types.dtype import FLOAT, INT, decimal
from featdsl.types.signature import NUMBERS, Parameter

AGGREGATE = Aggregate(
    name="skewness",
    meaning=(
        "Sample skewness of the n non-null values (adjusted Fisher-Pearson): sqrt(n * (n - 1)) / "
        "(n - 2) * m3 / m2 ** 1.5, where mk is the mean of the k-th powers of the distances from "
        "the mean, in float64. Null for fewer than three values, where they do not vary, and for "
        "floats where one is larger than 1e60 in size or m2 is below 1e-100."
    ),
    parameters=(Parameter(name="x", accepts=NUMBERS),),
    returns=lambda _: FLOAT,
    lower=lambda inputs: lower_moment("skewness", inputs),
    partials=OWN_MEANS,
    words="skewness of {0}",
    examples=(
        Example(rows=((0,), (None,), (0,), (3,)), result=3**0.5, dtypes=(INT,)),
        Example(rows=((1,), (2,), (4,), (8,), (16,)), result=1.325314709813405, dtypes=(INT,)),
        Example(rows=((1.0,), (2.0,), (3.0,)), result=0.0, dtypes=(FLOAT,)),
        Example(
            rows=((Decimal("1.00"),), (Decimal("1.00"),), (Decimal("0.97"),)),
            result=-(3**0.5),
            dtypes=(decimal(12, 2),),
        ),
        Example(rows=((2,), (2,), (2,)), result=None, dtypes=(INT,)),
        Example(rows=((1,), (2,)), result=None, dtypes=(INT,)),
        Example(rows=((1.0,), (2.0,), (1e200,)), result=None, dtypes=(FLOAT,)),
        Example(rows=((None,),), result=None, dtypes=(FLOAT,)),
        Example(rows=(), result=None, dtypes=(INT,)),
    ),
)
