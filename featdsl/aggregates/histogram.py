"""``histogram(x)``."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlglot import exp

from featdsl.aggregates.entries import entries_sorted, no_longer_than
from featdsl.aggregates.partials import EACH_VALUE
from featdsl.aggregates.spec import Aggregate, Example, Inputs
from featdsl.sql import build
from featdsl.types.dtype import BOOL, DATE, INT, TEXT, decimal, map_of
from featdsl.types.signature import BOOLS, NUMBERS, TEXTS, TIMES, Parameter
from featdsl.types.value import MapValue


def _lower(inputs: Inputs) -> exp.Expr:
    counts = build.func("histogram", inputs.counted())
    listed = entries_sorted(counts, lambda key, n: build.func("row", key, n))
    values = build.func("map_from_entries", listed)
    return no_longer_than(values, build.func("cardinality", counts.copy()), "histogram")


AGGREGATE = Aggregate(
    name="histogram",
    meaning=(
        "Map from each different non-null value to the number of rows that have it; null for "
        "none. The same as `count(by x)`. More than 1,000 different values stop the run. 0.0 and "
        "-0.0 are one value."
    ),
    parameters=(Parameter(name="x", accepts=NUMBERS | TEXTS | TIMES | BOOLS),),
    returns=lambda dtypes: map_of(dtypes[0], INT),
    lower=_lower,
    stored=True,
    partials=EACH_VALUE,
    words="number of rows for each value of {0}",
    examples=(
        Example(
            rows=(("b",), ("a",), (None,), ("b",)),
            result=MapValue((("a", 1), ("b", 2))),
            dtypes=(TEXT,),
        ),
        Example(rows=((3,), (3,)), result=MapValue(((3, 2),)), dtypes=(INT,)),
        Example(rows=((True,), (False,)), result=MapValue(((False, 1), (True, 1))), dtypes=(BOOL,)),
        Example(
            rows=((Decimal("2.50"),),),
            result=MapValue(((Decimal("2.50"), 1),)),
            dtypes=(decimal(12, 2),),
        ),
        Example(
            rows=((date(1969, 12, 31),),),
            result=MapValue(((date(1969, 12, 31), 1),)),
            dtypes=(DATE,),
        ),
        Example(rows=((None,),), result=None, dtypes=(TEXT,)),
        Example(rows=(), result=None, dtypes=(INT,)),
    ),
)
