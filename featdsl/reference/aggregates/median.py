"""``median(x)``: the quantile of a half."""

from __future__ import annotations

from featdsl.reference.aggregates.quantile import quantile
from featdsl.reference.aggregates.spec import AggregateTwin

TWIN = AggregateTwin(compute=lambda given: quantile(given.values, 0.5))
