"""``ratio(p)``: number of rows where p is true over the number of rows."""

from __future__ import annotations

from featdsl.reference.aggregates.spec import AggregateTwin

TWIN = AggregateTwin(compute=lambda given: sum(given.values) / len(given.values))
