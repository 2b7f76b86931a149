"""``dot(a, b)``, and what `cosine` shares with it."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from featdsl.functions.spec import Example, Function, Inputs
from featdsl.sql import build, vectors
from featdsl.types.dtype import FLOAT, INT, list_of
from featdsl.types.signature import LISTS, Parameter
from featdsl.types.vectors import VECTOR, not_vectors

PARAMETERS = (Parameter(name="a", accepts=LISTS), Parameter(name="b", accepts=LISTS))


def of_vectors(inputs: Inputs, value: Callable[[exp.Expr, exp.Expr], exp.Expr]) -> exp.Expr:
    """A value of two vectors of one length that hold no null; null of all others."""
    a, b = inputs.cast_to(VECTOR, 0), inputs.cast_to(VECTOR, 1)
    return build.case(vectors.both_whole(a, b), value(a.copy(), b.copy()))


def _product(a: exp.Expr, b: exp.Expr) -> exp.Expr:
    return build.finite(vectors.dot(a, b))


FUNCTION = Function(
    name="dot",
    meaning=(
        "Dot product of two vectors in float64: products of the items at each place, summed; 0 "
        "where they have none. Null where they differ in length, hold a null, and where the sum "
        "leaves the range of float64."
    ),
    parameters=PARAMETERS,
    returns=lambda _: FLOAT,
    lower=lambda inputs: of_vectors(inputs, _product),
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
