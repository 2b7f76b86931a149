"""``stddev(x)``: square root of the variance."""

from __future__ import annotations

from featdsl.reference.aggregates.moments import root
from featdsl.reference.aggregates.spec import AggregateTwin
from featdsl.reference.aggregates.variance import variance

TWIN = AggregateTwin(compute=lambda given: root(variance(given.floats, 1)))
