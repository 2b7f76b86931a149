"""Calls that give a list or a map of values."""

from __future__ import annotations

from tests.harness.generate.caller import Caller
from tests.harness.generate.kinds import STORED


def collect(c: Caller, depth: int) -> str | None:
    if not c.ordered:
        return None
    name = c.pick(("collect", "collect", "collect_distinct"))
    last = [f"last: {c.pick(('1', '2', '5'))}"] if c.r.random() < 0.6 else []
    return c.call(name, [c.rows.of(c.pick(STORED), min(depth, 1)), *last])


def top_k(c: Caller, depth: int) -> str:
    return c.call("top_k", [c.rows.of(c.pick(STORED), min(depth, 1)), c.pick(("1", "2", "10"))])


def histogram(c: Caller, depth: int) -> str:
    return c.call("histogram", [c.rows.of(c.pick(STORED), min(depth, 1))])


CALLS = {"list": [collect, collect, top_k], "map": [histogram]}
