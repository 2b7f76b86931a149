"""``round(x)`` and ``round(x, digits)``."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sqlglot import exp

from featdsl.functions.spec import Example, Function, Inputs
from featdsl.sql import build
from featdsl.types.dtype import FLOAT, INT, DType, Kind, decimal
from featdsl.types.signature import INTS, NUMBERS, Parameter

_MOST = 38


def _returns(dtypes: Sequence[DType]) -> DType:
    x = dtypes[0]
    # 9.99 becomes 10.00: a digit more.
    return decimal(x.precision + 1, x.scale) if x.kind is Kind.DECIMAL else x


def _lower(inputs: Inputs) -> exp.Expr:
    digits = inputs.integer(1) if len(inputs.args) > 1 else 0
    if inputs.dtypes[0].kind is Kind.INT and digits >= 0:
        return inputs.arg()
    if inputs.dtypes[0].kind is Kind.DECIMAL and -digits > _whole_digits(inputs.dtypes[0]):
        # Always 0, and the engine takes that to be so of null too.
        known = build.is_null(inputs.arg(), negated=True)
        return build.case(known, build.cast(build.number(0), _returns(inputs.dtypes)))
    if not inputs.dtypes[0].is_exact:
        rounded = build.round_float(inputs.as_float(), digits)
        return build.finite(rounded) if digits < 0 else rounded
    value = build.func("round", inputs.arg(), build.number(digits))
    return build.cast(value, _returns(inputs.dtypes))


def _whole_digits(dtype: DType) -> int:
    return dtype.precision - dtype.scale


def _wrong(digits: int) -> str | None:
    return None if abs(digits) <= _MOST else f"{digits} is not between -{_MOST} and {_MOST}"


FUNCTION = Function(
    name="round",
    meaning=(
        "x to the given number of digits after the point (0 without, negative before it), half "
        "away from zero, in x's type; a decimal keeps its scale. Ints and decimals are exact. Of "
        "a float below 2 ** 52 the float64 product x * 10 ** digits is rounded and divided by "
        "10 ** digits; larger ones have no digits after the point and stay. With negative digits "
        "it is divided first, then multiplied."
    ),
    parameters=(
        Parameter(name="x", accepts=NUMBERS),
        Parameter(name="digits", accepts=INTS, constant=True, optional=True, valid=_wrong),
    ),
    returns=_returns,
    lower=_lower,
    keeps_unit=True,
    words="{0} rounded[ to {1} digits]",
    examples=(
        Example(args=(2.5,), result=3.0, dtypes=(FLOAT,)),
        Example(args=(-2.5,), result=-3.0, dtypes=(FLOAT,)),
        Example(args=(0.49999999999999994,), result=0.0, dtypes=(FLOAT,)),
        Example(args=(2.675, 2), result=2.68, dtypes=(FLOAT, INT)),
        Example(args=(1e300, 20), result=1e300, dtypes=(FLOAT, INT)),
        Example(args=(Decimal("-1.005"), 2), result=Decimal("-1.010"), dtypes=(decimal(4, 3), INT)),
        Example(args=(Decimal("9.99"),), result=Decimal("10.00"), dtypes=(decimal(3, 2),)),
        Example(args=(Decimal("1.5"), 3), result=Decimal("1.5"), dtypes=(decimal(3, 1), INT)),
        Example(args=(Decimal("95.5"), -1), result=Decimal("100.0"), dtypes=(decimal(3, 1), INT)),
        Example(args=(150, -2), result=200, dtypes=(INT, INT)),
        Example(args=(-149, -2), result=-100, dtypes=(INT, INT)),
        Example(args=(7, 2), result=7, dtypes=(INT, INT)),
        Example(args=(Decimal("0.95"), -1), result=Decimal("0.00"), dtypes=(decimal(2, 2), INT)),
        Example(args=(None, -1), result=None, dtypes=(decimal(2, 2), INT)),
        Example(args=(None, 1), result=None, dtypes=(FLOAT, INT)),
    ),
)
