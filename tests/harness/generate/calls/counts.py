"""Calls that count rows, and those that ask whether there are any."""

from __future__ import annotations

from tests.harness.generate.kinds import STORED

FORMS_OF_COUNT = [
    lambda c, d: c.call("count", []),
    lambda c, d: c.call("count", [c.rows.of(c.pick(STORED), d)]),
    lambda c, d: c.call("count_distinct", [c.rows.of(c.pick(STORED), d)]),
]
CALLS = {
    "int": [FORMS_OF_COUNT[0], *FORMS_OF_COUNT],
    "bool": [
        lambda c, d: c.call("exists", []),
        lambda c, d: c.call("any", [c.rows.of("bool", d)]),
        lambda c, d: c.call("all", [c.rows.of("bool", d)]),
    ],
}
