"""``max_by(x, y)``: x of the earliest row with the largest y."""

from __future__ import annotations

from featdsl.reference.aggregates.spec import AggregateTwin, Given
from featdsl.reference.values import Value


def _compute(given: Given) -> Value:
    # Of equal ones the first, which is the earliest.
    return max(given.rows, key=lambda row: row[1])[0]


TWIN = AggregateTwin(compute=_compute, varying=2)
