"""``ratio(p)``."""

from __future__ import annotations

from sqlglot import exp

from featdsl.aggregates.partials import counts, known, share_true, true
from featdsl.aggregates.spec import Aggregate, Example, Inputs
from featdsl.sql import build
from featdsl.types.dtype import BOOL, FLOAT
from featdsl.types.signature import BOOLS, Parameter


def _lower(inputs: Inputs) -> exp.Expr:
    true = exp.Count(this=inputs.only(build.paren(inputs.arg())).one())
    return build.divide(exp.cast(true, exp.DataType.Type.DOUBLE), exp.Count(this=inputs.counted()))


AGGREGATE = Aggregate(
    name="ratio",
    meaning=(
        "Number of rows where p is true over the number of rows where p is not null, in float64; "
        "null where there are none of these."
    ),
    parameters=(Parameter(name="p", accepts=BOOLS),),
    returns=lambda _: FLOAT,
    lower=_lower,
    partials=counts(share_true, n=known, true=true),
    words="share of rows where {0}",
    examples=(
        Example(rows=((True,), (False,), (None,), (False,)), result=1 / 3, dtypes=(BOOL,)),
        Example(rows=((False,),), result=0.0, dtypes=(BOOL,)),
        Example(rows=((True,), (None,)), result=1.0, dtypes=(BOOL,)),
        Example(rows=((None,),), result=None, dtypes=(BOOL,)),
        Example(rows=(), result=None, dtypes=(BOOL,)),
    ),
)
