"""``variance_pop(x)``: squared distances from the mean over n."""

from __future__ import annotations

from featdsl.reference.aggregates.spec import AggregateTwin
from featdsl.reference.aggregates.variance import variance

TWIN = AggregateTwin(compute=lambda given: variance(given.floats, 0))
