"""``all(p)``: whether p is true in every row."""

from __future__ import annotations

from featdsl.reference.aggregates.spec import AggregateTwin

TWIN = AggregateTwin(compute=lambda given: all(given.values))
