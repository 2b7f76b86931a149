"""``vec_avg(x)``."""

from __future__ import annotations

from decimal import Decimal

from sqlglot import exp

from featdsl.aggregates.spec import Aggregate, Example, Inputs
from featdsl.sql import build
from featdsl.types.dtype import FLOAT, INT, decimal, list_of
from featdsl.types.signature import LISTS, Parameter
from featdsl.types.vectors import VECTOR, not_vectors


def _lower(inputs: Inputs) -> exp.Expr:
    vector = build.cast(inputs.arg(), VECTOR)
    size = build.func("len", vector)
    whole = exp.EQ(this=build.func("list_count", vector.copy()), expression=size.copy())
    known = inputs.only(whole)
    vectors = known.filtered(build.func("list", vector.copy()))
    longest = known.filtered(exp.Max(this=size.copy()))
    shortest = known.filtered(exp.Min(this=size))
    at_place = build.func("list_extract", build.it("w"), build.it("j"))
    column = build.for_each("list_transform", vectors, "w", at_place)
    end = exp.Add(this=longest.copy(), expression=build.number(1))
    means = build.for_each(
        "list_transform",
        build.func("range", build.number(1), end),
        "j",
        build.finite(build.func("list_avg", column)),
    )
    return build.case(exp.EQ(this=longest, expression=shortest), means)


AGGREGATE = Aggregate(
    name="vec_avg",
    meaning=(
        "List of the means of the lists' items, place by place, in float64: the centre of the "
        "vectors. Lists that hold a null are left out, as null is; null for none, and where lists "
        "differ in length. An item is null where it leaves the range of float64."
    ),
    parameters=(Parameter(name="x", accepts=LISTS),),
    returns=lambda _: VECTOR,
    lower=_lower,
    wrong=not_vectors,
    keeps_unit=True,
    partials="the engine adds numbers, not vectors",
    words="centre of the vectors {0}",
    examples=(
        Example(
            rows=(((1.0, 2.0),), (None,), ((3.0, -2.0),), ((None, 9.0),)),
            result=(2.0, 0.0),
            dtypes=(list_of(FLOAT),),
        ),
        Example(rows=(((1, 2, 4),),), result=(1.0, 2.0, 4.0), dtypes=(list_of(INT),)),
        Example(
            rows=(((Decimal("0.25"),),), ((Decimal("0.75"),),)),
            result=(0.5,),
            dtypes=(list_of(decimal(4, 2)),),
        ),
        Example(rows=(((1.0,),), ((1.0, 2.0),)), result=None, dtypes=(list_of(FLOAT),)),
        Example(rows=(((),),), result=(), dtypes=(list_of(FLOAT),)),
        Example(rows=(((1e308,),), ((1e308,),)), result=(None,), dtypes=(list_of(FLOAT),)),
        Example(rows=((None,),), result=None, dtypes=(list_of(FLOAT),)),
        Example(rows=(), result=None, dtypes=(list_of(FLOAT),)),
    ),
)
