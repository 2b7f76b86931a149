"""``min(x)``."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlglot import exp

from featdsl.aggregates.partials import extreme
from featdsl.aggregates.spec import Aggregate, Example
from featdsl.types.dtype import BOOL, INT, TEXT, TIMESTAMP, decimal
from featdsl.types.signature import ORDERED, Parameter

AGGREGATE = Aggregate(
    name="min",
    meaning=(
        "Smallest non-null value, null for none. Text is compared by code point, false is less "
        "than true."
    ),
    parameters=(Parameter(name="x", accepts=ORDERED),),
    returns=lambda dtypes: dtypes[0],
    lower=lambda inputs: exp.Min(this=inputs.counted()),
    stored=True,
    keeps_unit=True,
    partials=extreme(exp.Min),
    words="smallest of {0}",
    examples=(
        Example(rows=((2,), (None,), (-3,)), result=-3, dtypes=(INT,)),
        Example(
            rows=((Decimal("1.50"),), (Decimal("1.49"),)),
            result=Decimal("1.49"),
            dtypes=(decimal(12, 2),),
        ),
        Example(rows=(("b",), ("a",), ("B",)), result="B", dtypes=(TEXT,)),
        Example(rows=((True,), (False,)), result=False, dtypes=(BOOL,)),
        Example(
            rows=((datetime(1969, 12, 31),), (datetime(1970, 1, 1),)),
            result=datetime(1969, 12, 31),
            dtypes=(TIMESTAMP,),
        ),
        Example(rows=((None,),), result=None, dtypes=(TEXT,)),
        Example(rows=(), result=None, dtypes=(INT,)),
    ),
)
