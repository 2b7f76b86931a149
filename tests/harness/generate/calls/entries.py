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


def parted(c: Caller, depth: int) -> str | None:
    """A call for each value of another."""
    key = c.rows.of(c.pick(("text", "int", "bool", "date", "dec")), min(depth, 1))
    name = c.pick(("count", "count", "sum", "max", "last", "collect"))
    if name in ("last", "collect") and not c.ordered:
        return None
    value = "" if name == "count" else c.rows.of("int" if name == "sum" else c.pick(STORED), 1)
    last = ", last: 3" if name == "collect" else ""
    return c.call(name, [f"{value}{last} by {key}".strip()], "0" if name == "sum" else None)


def streak(c: Caller, depth: int) -> str | None:
    if not c.ordered:
        return None
    name = c.pick(("streak", "longest_streak"))
    if c.r.random() < 0.5:
        return c.call(name, [c.rows.of("bool", min(depth, 2))])
    time = c.rows.of(c.pick(("ts", "date")), min(depth, 1))
    step = c.pick(("1d", "1w", "1month", "1quarter", "1year", "6h", "15min"))
    return c.call(name, [time, f"step: {step}"])


CALLS = {"list": [collect, collect, top_k], "map": [histogram, parted, parted], "int": [streak]}
