"""``quantile(x, q)``, and what ``median(x)`` shares with it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sqlglot import exp

from featdsl.aggregates.spec import Aggregate, Example, Inputs
from featdsl.sql import build
from featdsl.types.dtype import DURATION, FLOAT, INT, DType, Kind, decimal
from featdsl.types.duration import Duration
from featdsl.types.signature import DURATIONS, NUMBERS, Parameter

_SHARE = decimal(2, 1)


def quantile_type(dtypes: Sequence[DType]) -> DType:
    """A duration for durations, else a float."""
    return DURATION if dtypes[0].kind is Kind.DURATION else FLOAT


def lower_quantile(inputs: Inputs, share: exp.Expr) -> exp.Expr:
    """The continuous quantile; as float64 before interpolating, since decimals truncate."""
    value = inputs.finite(build.func("quantile_cont", inputs.as_float(), share))
    if inputs.dtypes[0].kind is Kind.DURATION:
        return exp.cast(build.func("round", value), exp.DataType.Type.BIGINT)
    return value


def _lower(inputs: Inputs) -> exp.Expr:
    return lower_quantile(inputs, exp.cast(inputs.arg(1), exp.DataType.Type.DOUBLE))


def _wrong(q: Decimal | int | float) -> str | None:
    return None if 0 <= q <= 1 else f"{q} is not between 0 and 1"


AGGREGATE = Aggregate(
    name="quantile",
    meaning=(
        "Continuous quantile of the non-null values in float64: with values x0 <= … <= x(n-1) and "
        "h = q * (n - 1), the value at position h, linear between its two neighbours; null for "
        "none. Of durations a duration, rounded to a microsecond, half away from zero."
    ),
    parameters=(
        Parameter(name="x", accepts=NUMBERS | DURATIONS),
        Parameter(name="q", accepts=NUMBERS, constant=True, valid=_wrong),
    ),
    returns=quantile_type,
    lower=_lower,
    keeps_unit=True,
    partials="it needs every value: a state would be as large as the rows",
    stored=True,
    words="quantile {1} of {0}",
    examples=(
        Example(
            rows=((5,), (1,), (4,), (None,), (2,), (3,)),
            constants=(Decimal("0.9"),),
            result=4.6,
            dtypes=(INT, _SHARE),
        ),
        Example(rows=((3,), (1,)), constants=(0,), result=1.0, dtypes=(INT, INT)),
        Example(rows=((3,), (1,)), constants=(1,), result=3.0, dtypes=(INT, INT)),
        Example(
            rows=((Decimal("0.01"),), (Decimal("0.02"),)),
            constants=(Decimal("0.5"),),
            result=0.015,
            dtypes=(decimal(12, 2), _SHARE),
        ),
        Example(
            rows=((Duration(1, "s"),), (Duration(2, "s"),)),
            constants=(Decimal("0.5"),),
            result=Duration(1500, "ms"),
            dtypes=(DURATION, _SHARE),
        ),
        Example(rows=((7.5,),), constants=(Decimal("0.3"),), result=7.5, dtypes=(FLOAT, _SHARE)),
        Example(rows=((None,),), constants=(Decimal("0.5"),), result=None, dtypes=(FLOAT, _SHARE)),
        Example(rows=(), constants=(Decimal("0.5"),), result=None, dtypes=(INT, _SHARE)),
    ),
)
