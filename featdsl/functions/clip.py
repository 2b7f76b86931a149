"""``clip(x, lo, hi)``."""

from __future__ import annotations

from decimal import Decimal

from sqlglot import exp

from featdsl.functions.spec import Example, Function, Inputs, narrowest
from featdsl.sql import build
from featdsl.types.dtype import FLOAT, INT, decimal
from featdsl.types.signature import NUMBERS, Parameter


def _lower(inputs: Inputs) -> exp.Expr:
    dtype = narrowest(inputs.dtypes)
    x, lo, hi = (inputs.cast_to(dtype, i) for i in range(3))
    clipped = build.func("least", build.func("greatest", x, lo), hi)
    # The engine's `least` and `greatest` look past nulls.
    known = [
        build.is_null(inputs.arg(i), negated=True)
        for i in range(3)
        if not isinstance(inputs.args[i], exp.Literal)
    ]
    condition = build.all_of(known)
    return clipped if condition is None else build.case(condition, clipped)


FUNCTION = Function(
    name="clip",
    meaning=(
        "x, raised to lo where it is less, then lowered to hi where it is more (so hi where lo is "
        "more than hi), in the narrowest type that holds all three; null where any is null."
    ),
    parameters=(
        Parameter(name="x", accepts=NUMBERS),
        Parameter(name="lo", accepts=NUMBERS, same_as="x"),
        Parameter(name="hi", accepts=NUMBERS, same_as="x"),
    ),
    returns=narrowest,
    lower=_lower,
    keeps_unit=True,
    words="{0}, kept between {1} and {2}",
    examples=(
        Example(args=(-5, 0, 10), result=0, dtypes=(INT, INT, INT)),
        Example(args=(11, 0, 10), result=10, dtypes=(INT, INT, INT)),
        Example(args=(7, 0, 10), result=7, dtypes=(INT, INT, INT)),
        Example(args=(7, 10, 0), result=0, dtypes=(INT, INT, INT)),
        Example(
            args=(7, Decimal("0.5"), Decimal("6.5")),
            result=Decimal("6.5"),
            dtypes=(INT, decimal(2, 1), decimal(2, 1)),
        ),
        Example(args=(0.25, 0, 1), result=0.25, dtypes=(FLOAT, INT, INT)),
        Example(args=(None, 0, 10), result=None, dtypes=(INT, INT, INT)),
        Example(args=(5, None, 10), result=None, dtypes=(INT, INT, INT)),
        Example(args=(5, 0, None), result=None, dtypes=(INT, INT, INT)),
    ),
)
