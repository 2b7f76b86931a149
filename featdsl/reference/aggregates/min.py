"""``min(x)``: the smallest value."""

from __future__ import annotations

from featdsl.reference.aggregates.spec import AggregateTwin

TWIN = AggregateTwin(compute=lambda given: min(given.values))
