"""Calls that give a list or a map of values."""

from __future__ import annotations

from tests.harness.generate.caller import Call, Caller
from tests.harness.generate.kinds import STORED


def collect(c: Caller, depth: int, kind: str = "") -> str | None:
    if not c.ordered:
        return None
    name = c.pick(("collect", "collect", "collect_distinct"))
    last = [f"last: {c.rows.constant('1', '2', '5')}"] if c.r.random() < 0.6 else []
    return c.call(name, [c.rows.of(kind or c.pick(STORED), min(depth, 1)), *last])


def top_k(c: Caller, depth: int, kind: str = "") -> str:
    item = c.rows.of(kind or c.pick(STORED), min(depth, 1))
    return c.call("top_k", [item, c.rows.constant("1", "2", "10")])


def listed(kind: str) -> Call:
    """A list of values of a kind."""

    def call(c: Caller, depth: int) -> str | None:
        return c.pick((collect, collect, top_k))(c, depth, kind)

    return call


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


def numbers(c: Caller, depth: int) -> str:
    """A map of ints by text."""
    key = c.rows.of("text", min(depth, 1))
    match c.pick(("histogram", "count", "max")):
        case "histogram":
            return c.call("histogram", [key])
        case "count":
            return c.call("count", [f"by {key}"])
    return c.call("max", [f"{c.rows.of('int', 1)} by {key}"])


CALLS = {
    "list": [collect, collect, top_k],
    "map": [histogram, parted, parted],
    "ints": [listed("int")],
    "texts": [listed("text")],
    "numbers": [numbers],
    "int": [streak],
}
