"""``any(p)``."""

from __future__ import annotations

from featdsl.aggregates.partials import counts, known, some_true, true
from featdsl.aggregates.spec import Aggregate, Example
from featdsl.sql import build
from featdsl.types.dtype import BOOL
from featdsl.types.signature import BOOLS, Parameter

AGGREGATE = Aggregate(
    name="any",
    meaning=(
        "True where p is true in at least one row, else false. Rows where p is null are left out; "
        "null for none."
    ),
    parameters=(Parameter(name="p", accepts=BOOLS),),
    returns=lambda _: BOOL,
    lower=lambda inputs: build.func("bool_or", inputs.counted()),
    partials=counts(some_true, n=known, true=true),
    words="whether there is a row where {0}",
    examples=(
        Example(rows=((False,), (True,)), result=True, dtypes=(BOOL,)),
        Example(rows=((False,), (None,)), result=False, dtypes=(BOOL,)),
        Example(rows=((True,), (None,)), result=True, dtypes=(BOOL,)),
        Example(rows=((None,),), result=None, dtypes=(BOOL,)),
        Example(rows=(), result=None, dtypes=(BOOL,)),
    ),
)
