"""``avg(x)``."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sqlglot import exp

from featdsl.aggregates.partials import total_type, totals
from featdsl.aggregates.spec import Aggregate, Example, Inputs, States
from featdsl.sql import build
from featdsl.types.dtype import DURATION, FLOAT, INT, DType, Kind, decimal
from featdsl.types.duration import Duration
from featdsl.types.signature import DURATIONS, NUMBERS, Parameter


def _returns(dtypes: Sequence[DType]) -> DType:
    return DURATION if dtypes[0].kind is Kind.DURATION else FLOAT


def _lower(inputs: Inputs) -> exp.Expr:
    return _share(exp.Sum(this=inputs.counted()), exp.Count(this=inputs.counted()), inputs)


def _share(total: exp.Expr, n: exp.Expr, inputs: Inputs) -> exp.Expr:
    match inputs.dtypes[0].kind:
        case Kind.DURATION:
            return exp.cast(_nearest(total, n), exp.DataType.Type.BIGINT)
        case Kind.FLOAT:
            return build.finite(build.divide(total, n))
        case _:
            return build.divide(exp.cast(total, exp.DataType.Type.DOUBLE), n)


def _finish(states: States, inputs: Inputs) -> exp.Expr:
    total = build.cast(states["total"].copy(), total_type(inputs.dtypes))
    return _share(total, states["n"].copy(), inputs)


def _nearest(total: exp.Expr, n: exp.Expr) -> exp.Expr:
    """``total / n`` to the nearest whole number, half away from zero, in whole numbers."""
    twice = exp.Mul(this=build.number(2), expression=build.func("abs", total.copy()))
    whole = exp.IntDiv(
        this=exp.Paren(this=exp.Add(this=twice, expression=n.copy())),
        expression=exp.Nullif(
            this=exp.Mul(this=build.number(2), expression=n), expression=build.number(0)
        ),
    )
    return exp.Mul(this=build.func("sign", total), expression=exp.Paren(this=whole))


AGGREGATE = Aggregate(
    name="avg",
    meaning=(
        "Arithmetic mean of the non-null values: their sum over their number, null for none. Ints "
        "and decimals are summed exactly, then divided once in float64; the mean of durations is "
        "a duration, rounded to a microsecond, half away from zero. Null where a sum of floats "
        "leaves the range of float64."
    ),
    parameters=(Parameter(name="x", accepts=NUMBERS | DURATIONS),),
    returns=_returns,
    lower=_lower,
    keeps_unit=True,
    partials=totals(_finish),
    words="average of {0}",
    examples=(
        Example(rows=((1,), (2,), (None,), (6,)), result=3.0, dtypes=(INT,)),
        Example(rows=((-1,), (0,)), result=-0.5, dtypes=(INT,)),
        Example(rows=((2**63 - 1,), (2**63 - 1,)), result=float(2**63), dtypes=(INT,)),
        Example(
            rows=((Decimal("0.10"),), (Decimal("0.20"),)),
            result=0.15,
            dtypes=(decimal(12, 2),),
        ),
        Example(rows=((0.5,), (0.25,)), result=0.375, dtypes=(FLOAT,)),
        Example(rows=((1e308,), (1e308,)), result=None, dtypes=(FLOAT,)),
        Example(
            rows=((Duration(1, "s"),), (Duration(2, "s"),)),
            result=Duration(1500, "ms"),
            dtypes=(DURATION,),
        ),
        Example(rows=((None,),), result=None, dtypes=(INT,)),
        Example(rows=(), result=None, dtypes=(FLOAT,)),
    ),
)
