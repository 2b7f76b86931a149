"""``approx_count_distinct(x)``: number of different values; here exact."""

from __future__ import annotations

from featdsl.reference.aggregates.spec import AggregateTwin

TWIN = AggregateTwin(compute=lambda given: len(set(given.values)), empty=0)
