"""``max(x)``: the largest value."""

from __future__ import annotations

from featdsl.reference.aggregates.spec import AggregateTwin

TWIN = AggregateTwin(compute=lambda given: max(given.values))
