"""Calls that count rows, and those that ask whether there are any."""

from __future__ import annotations

from tests.harness.generate.caller import Caller
from tests.harness.generate.kinds import MANY, STORED


def any_of(c: Caller, depth: int) -> str:
    """A value of rows, of any kind."""
    found = c.rows.maybe(c.pick(MANY), depth) if c.r.random() < 0.1 else None
    return found or c.rows.of(c.pick(STORED), depth)


FORMS_OF_COUNT = [
    lambda c, d: c.call("count", []),
    lambda c, d: c.call("count", [any_of(c, d)]),
    lambda c, d: c.call("count_distinct", [any_of(c, d)]),
]
CALLS = {
    "int": [FORMS_OF_COUNT[0], *FORMS_OF_COUNT],
    "bool": [
        lambda c, d: c.call("exists", []),
        lambda c, d: c.call("any", [c.rows.of("bool", d)]),
        lambda c, d: c.call("all", [c.rows.of("bool", d)]),
    ],
}
