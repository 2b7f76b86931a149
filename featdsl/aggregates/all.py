"""``all(p)``."""

from __future__ import annotations

from featdsl.aggregates.partials import all_true, counts, known, true
from featdsl.aggregates.spec import Aggregate, Example
from featdsl.sql import build
from featdsl.types.dtype import BOOL
from featdsl.types.signature import BOOLS, Parameter

AGGREGATE = Aggregate(
    name="all",
    meaning=(
        "True where p is true in every row, else false. Rows where p is null are left out; null "
        "for none."
    ),
    parameters=(Parameter(name="p", accepts=BOOLS),),
    returns=lambda _: BOOL,
    lower=lambda inputs: build.func("bool_and", inputs.counted()),
    partials=counts(all_true, n=known, true=true),
    words="whether in every row {0}",
    examples=(
        Example(rows=((False,), (True,)), result=False, dtypes=(BOOL,)),
        Example(rows=((False,), (None,)), result=False, dtypes=(BOOL,)),
        Example(rows=((True,), (None,)), result=True, dtypes=(BOOL,)),
        Example(rows=((None,),), result=None, dtypes=(BOOL,)),
        Example(rows=(), result=None, dtypes=(BOOL,)),
    ),
)
