"""``cosine(a, b)``."""

from __future__ import annotations

from sqlglot import exp

from featdsl.functions.dot import PARAMETERS, of_vectors
from featdsl.functions.spec import Example, Function
from featdsl.sql import build, vectors
from featdsl.types.dtype import FLOAT, INT, list_of
from featdsl.types.vectors import VECTOR, not_vectors

_LEAST = build.literal(1e-200, FLOAT)
"""Squares that add up to less have lost digits, one by one."""


def _cosine(a: exp.Expr, b: exp.Expr) -> exp.Expr:
    lengths = exp.Mul(this=_length(a), expression=_length(b))
    share = build.divide(vectors.dot(a.copy(), b.copy()), lengths)
    within = build.func(
        "least",
        build.func("greatest", build.finite(share), build.cast_float(build.number(-1))),
        build.cast_float(build.number(1)),
    )
    known = build.all_of(
        [
            build.is_null(build.finite(share.copy()), negated=True),
            *(
                exp.GTE(this=vectors.dot(v.copy(), v.copy()), expression=_LEAST.copy())
                for v in (a, b)
            ),
        ]
    )
    assert known is not None
    return build.case(known, within)


def _length(vector: exp.Expr) -> exp.Expr:
    return build.func("sqrt", vectors.dot(vector.copy(), vector.copy()))


FUNCTION = Function(
    name="cosine",
    meaning=(
        "Cosine of the angle between two vectors, between -1 and 1, in float64: their dot product "
        "over the product of their lengths. Null where they differ in length, hold a null, have "
        "only zeros or no items, and where sums leave the range of float64: also where the squares "
        "of one add up to less than 1e-200."
    ),
    parameters=PARAMETERS,
    returns=lambda _: FLOAT,
    lower=lambda inputs: of_vectors(inputs, _cosine),
    nullable=True,
    wrong=not_vectors,
    words="cosine of {0} and {1}",
    examples=(
        Example(args=((1.0, 0.0), (2.0, 0.0)), result=1.0, dtypes=(VECTOR, VECTOR)),
        Example(args=((3, 4), (4, 3)), result=0.96, dtypes=(list_of(INT), list_of(INT))),
        Example(args=((1.0, 1.0), (-1.0, -1.0)), result=-1.0, dtypes=(VECTOR, VECTOR)),
        Example(args=((0.0, 0.0), (1.0, 1.0)), result=None, dtypes=(VECTOR, VECTOR)),
        Example(args=((1e-90, 0.0), (2.0, 0.0)), result=1.0, dtypes=(VECTOR, VECTOR)),
        Example(args=((1e-101, 0.0), (2.0, 0.0)), result=None, dtypes=(VECTOR, VECTOR)),
        Example(args=((3e-160, 4e-160), (4.0, 3.0)), result=None, dtypes=(VECTOR, VECTOR)),
        Example(args=((), ()), result=None, dtypes=(VECTOR, VECTOR)),
        Example(args=((1.0,), (1.0, 2.0)), result=None, dtypes=(VECTOR, VECTOR)),
        Example(args=((1.0, None), (1.0, 2.0)), result=None, dtypes=(VECTOR, VECTOR)),
        Example(args=(None, (1.0,)), result=None, dtypes=(VECTOR, VECTOR)),
        Example(args=((1.0,), None), result=None, dtypes=(VECTOR, VECTOR)),
    ),
)
