"""``count()`` and ``count(x)``."""

from __future__ import annotations

from sqlglot import exp

from featdsl.aggregates.partials import counts, whole
from featdsl.aggregates.spec import Aggregate, Example, Inputs
from featdsl.types.dtype import INT
from featdsl.types.signature import ANYTHING, Parameter


def _lower(inputs: Inputs) -> exp.Expr:
    if inputs.args:
        return exp.Count(this=inputs.counted())
    return exp.Count(this=exp.Star() if inputs.condition is None else inputs.one())


AGGREGATE = Aggregate(
    name="count",
    meaning="Number of rows; with an argument, of rows where it is not null. 0 for no rows.",
    parameters=(Parameter(name="x", accepts=ANYTHING, optional=True),),
    returns=lambda _: INT,
    lower=_lower,
    empty=0,
    nullable=False,
    partials=counts(lambda s, _: whole(s["n"].copy()), n=_lower),
    words="number of rows[ with a known {0}]",
    examples=(
        Example(rows=((1,), (None,), (3,)), result=2, dtypes=(INT,)),
        Example(rows=((), ()), result=2, dtypes=()),
        Example(rows=((None,),), result=0, dtypes=(INT,)),
        Example(rows=(), result=0, dtypes=(INT,)),
    ),
)
