"""``dot(a, b)``."""

from __future__ import annotations

from sqlglot import exp

from featdsl.functions.spec import Example, Function, Inputs
from featdsl.sql import build, vectors
from featdsl.types.dtype import FLOAT, INT, list_of
from featdsl.types.signature import LISTS, Parameter
from featdsl.types.vectors import VECTOR, not_vectors


def _lower(inputs: Inputs) -> exp.Expr:
    a, b = inputs.cast_to(VECTOR, 0), inputs.cast_to(VECTOR, 1)
    product = build.finite(vectors.dot(a.copy(), b.copy()))
    return build.case(vectors.both_whole(a, b), product)


FUNCTION = Function(
    name="dot",
    meaning=(
        "Dot product of two vectors in float64: products of the items at each place, summed; 0 "
        "where they have none. Null where they differ in length, hold a null, and where the sum "
        "leaves the range of float64."
    ),
    parameters=(
        Parameter(name="a", accepts=LISTS),
        Parameter(name="b", accepts=LISTS),
    ),
    returns=lambda _: FLOAT,
    lower=_lower,
    nullable=True,
    wrong=not_vectors,
    words="dot product of {0} and {1}",
    examples=(
        Example(args=((1.0, 2.0), (3.0, -1.0)), result=1.0, dtypes=(VECTOR, VECTOR)),
        Example(args=((1, 2), (0.5, 0.25)), result=1.0, dtypes=(list_of(INT), VECTOR)),
        Example(args=((), ()), result=0.0, dtypes=(VECTOR, VECTOR)),
        Example(args=((1.0,), (1.0, 2.0)), result=None, dtypes=(VECTOR, VECTOR)),
        Example(args=((1.0, None), (1.0, 2.0)), result=None, dtypes=(VECTOR, VECTOR)),
        Example(args=((1e200,), (1e200,)), result=None, dtypes=(VECTOR, VECTOR)),
        Example(args=(None, (1.0,)), result=None, dtypes=(VECTOR, VECTOR)),
        Example(args=((1.0,), None), result=None, dtypes=(VECTOR, VECTOR)),
    ),
)
