"""Calls that add up, and their means."""

from __future__ import annotations

from tests.harness.generate.caller import Caller


def exact_sum(c: Caller, depth: int) -> str | None:
    exact = c.exact_floats()
    return c.call(c.pick(("sum", "avg")), [c.pick(exact)]) if exact else None


CALLS = {
    "int": [lambda c, d: c.call("sum", [c.rows.of("int", d)], "0")],
    "dec": [lambda c, d: c.call("sum", [c.rows.of(c.pick(("dec", "dec", "int")), d)], "0.5")],
    "float": [
        lambda c, d: c.call("avg", [c.rows.of(c.pick(("int", "dec")), d)]),
        lambda c, d: c.call("ratio", [c.rows.of("bool", d)]),
        exact_sum,
    ],
    "dur": [lambda c, d: c.call(c.pick(("sum", "avg", "median")), [c.rows.of("dur", d)])],
}
