"""``count([x])``: number of rows."""

from __future__ import annotations

from featdsl.reference.aggregates.spec import AggregateTwin

TWIN = AggregateTwin(compute=lambda given: len(given.rows), empty=0)
