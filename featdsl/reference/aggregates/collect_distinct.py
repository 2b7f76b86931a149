"""``collect_distinct(x, last: n)``: each value where it was seen last, oldest first."""

from __future__ import annotations

from featdsl.reference.aggregates.spec import AggregateTwin, Given
from featdsl.reference.stop import Stopped
from featdsl.reference.values import Value


def _compute(given: Given) -> Value:
    newest_first: list[Value] = []
    for value in reversed(given.values):
        if value not in newest_first:
            newest_first.append(value)
    if given.constants:
        newest_first = newest_first[: given.constants[0]]
    elif len(newest_first) > 1_000:
        raise Stopped("a list of more than 1,000 values")
    return tuple(reversed(newest_first))


TWIN = AggregateTwin(compute=_compute)
