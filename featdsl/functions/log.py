"""``log(x)`` and ``log(x, base)``."""

from __future__ import annotations

from decimal import Decimal

from sqlglot import exp

from featdsl.functions.spec import Example, Function, Inputs
from featdsl.sql import build
from featdsl.types.dtype import FLOAT, INT, decimal
from featdsl.types.signature import NUMBERS, Parameter

# Exact at powers of the base, where a quotient of logarithms may be a last digit off.
_EXACT = {"2": "log2", "10": "log10"}


def _lower(inputs: Inputs) -> exp.Expr:
    base = inputs.args[1] if len(inputs.args) > 1 else build.number(10)
    if isinstance(base, exp.Literal) and base.name in _EXACT:
        return build.func(_EXACT[base.name], _positive(inputs, 0))
    return build.finite(
        build.divide(build.func("ln", _positive(inputs, 0)), build.func("ln", _positive(inputs, 1)))
    )


def _positive(inputs: Inputs, i: int) -> exp.Expr:
    """Null in place of what has no logarithm: engines differ on it, down to stopping."""
    above = exp.GT(this=build.paren(inputs.arg(i)), expression=build.number(0))
    return build.case(above, inputs.as_float(i))


FUNCTION = Function(
    name="log",
    meaning=(
        "Logarithm of x to the base, 10 without one: ln(x) / ln(base) in float64; null where x or "
        "the base is 0 or less, or the base is 1."
    ),
    parameters=(
        Parameter(name="x", accepts=NUMBERS),
        Parameter(name="base", accepts=NUMBERS, optional=True),
    ),
    returns=lambda _: FLOAT,
    lower=_lower,
    nullable=True,
    words="logarithm of {0}[ to the base {1}]",
    examples=(
        Example(args=(1000,), result=3.0, dtypes=(INT,)),
        Example(args=(8, 2), result=3.0, dtypes=(INT, INT)),
        Example(args=(Decimal("0.01"), 10), result=-2.0, dtypes=(decimal(12, 2), INT)),
        Example(args=(9.0, 3.0), result=2.0, dtypes=(FLOAT, FLOAT)),
        Example(args=(0,), result=None, dtypes=(INT,)),
        Example(args=(2, 1), result=None, dtypes=(INT, INT)),
        Example(args=(2, -2), result=None, dtypes=(INT, INT)),
        Example(args=(None,), result=None, dtypes=(FLOAT,)),
        Example(args=(2.0, None), result=None, dtypes=(FLOAT, FLOAT)),
    ),
)
