"""Calls that give a value of the argument itself."""

from __future__ import annotations

from tests.harness.generate.caller import Call, Caller
from tests.harness.generate.kinds import KINDS

_ONE = ("min", "max", "mode")
_IN_ORDER = ("first", "last")


def of(kind: str) -> Call:
    def stored(c: Caller, depth: int) -> str:
        x = c.rows.of(kind, depth)
        if c.ordered and c.r.random() < 0.35:
            other = c.rows.of(c.pick(KINDS), c.r.choice((0, 1)))
            return c.call(c.pick(("min_by", "max_by")), [x, other])
        return c.call(c.pick((*_ONE, *_IN_ORDER) if c.ordered else _ONE), [x])

    return stored


CALLS = {kind: [of(kind)] for kind in KINDS}
