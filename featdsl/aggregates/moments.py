"""What ``skewness(x)`` and ``kurtosis(x)`` share: the range in which powers hold."""

from __future__ import annotations

from sqlglot import exp

from featdsl.aggregates.spec import Inputs
from featdsl.sql import build
from featdsl.types.dtype import FLOAT, Kind

_LARGEST = 1e60
_LEAST_VARIANCE = 1e-100


def lower_moment(function: str, inputs: Inputs) -> exp.Expr:
    """A standardised moment, null where a float's powers leave the range of float64.

    The engine stops on an infinite result, so values beyond the range may not reach it.
    """
    if inputs.dtypes[0].kind is not Kind.FLOAT:
        return build.func(function, inputs.as_float())
    size = build.func("abs", inputs.arg())
    small = exp.LTE(this=size, expression=build.literal(_LARGEST, FLOAT))
    safe = inputs.only(small).as_float()
    holds = build.all_of(
        [
            exp.LTE(
                this=build.func("max", build.func("abs", inputs.as_float())),
                expression=build.literal(_LARGEST, FLOAT),
            ),
            exp.GTE(
                this=build.func("var_pop", safe.copy()),
                expression=build.literal(_LEAST_VARIANCE, FLOAT),
            ),
        ]
    )
    assert holds is not None
    return build.case(holds, build.func(function, safe))
