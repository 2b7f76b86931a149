"""Calls whose last digits depend on how they are computed."""

from __future__ import annotations

from tests.harness.generate.caller import Caller
from tests.harness.generate.kinds import NUMBERS, STORED

_ONE = (
    "stddev",
    "stddev_pop",
    "variance",
    "variance_pop",
    "skewness",
    "kurtosis",
    "median",
    "sum",
    "avg",
)


def number(c: Caller, depth: int) -> str:
    return c.rows.of(c.pick(NUMBERS), min(depth, 1))


def quantile(c: Caller, depth: int) -> str:
    return c.call(
        c.pick(("quantile", "quantile", "approx_quantile")),
        [number(c, depth), c.rows.constant("0.9", "0.25", "0", "1", "50%")],
    )


def slope(c: Caller, depth: int) -> str | None:
    return c.call("slope", [number(c, depth)]) if c.timed else None


def ewm_sum(c: Caller, depth: int) -> str | None:
    if not c.timed:
        return None
    return c.call("ewm_sum", [number(c, depth), f"half_life: {c.rows.constant('1d', '36h')}"])


def vec_avg(c: Caller, depth: int) -> str | None:
    vectors = c.rows.maybe(c.pick(("vector", "vector", "ints")), depth)
    return None if vectors is None else c.call("vec_avg", [vectors])


def statistic(c: Caller) -> str | None:
    """Any of them, of numbers as they are stored."""
    x = c.rows.of(c.pick(NUMBERS), 0)
    made = c.pick((*_ONE[:3], "", "quantile", "quantile", "slope", "ewm_sum"))
    match made:
        case "":
            return c.call(c.pick(_ONE), [x])
        case "stddev" | "stddev_pop" | "variance":
            return c.call(made, [c.rows.of(c.pick(("int", "float", "float")), 0)])
        case "quantile":
            return c.call("quantile", [x, c.rows.constant("0.9", "0.25", "50%")])
        case "slope" if c.timed:
            return c.call("slope", [x])
        case "ewm_sum" if c.timed:
            return c.call("ewm_sum", [x, f"half_life: {c.rows.constant('1d', '36h')}"])
    return None


CALLS = {
    "rough": [
        *(lambda c, d, name=name: c.call(name, [number(c, d)]) for name in _ONE),
        quantile,
        lambda c, d: c.call(c.pick(("corr", "covar")), [number(c, d), number(c, d)]),
        lambda c, d: c.call("entropy", [c.rows.of(c.pick(STORED), d)]),
        slope,
        ewm_sum,
    ],
    "roughs": [vec_avg],
}
