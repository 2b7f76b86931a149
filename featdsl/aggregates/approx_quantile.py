"""``approx_quantile(x, q)``."""

from __future__ import annotations

from featdsl.aggregates import quantile
from featdsl.aggregates.spec import Aggregate

_EXACT = quantile.AGGREGATE

# DuckDB's own estimate differs from run to run, and takes twice as long as the exact quantile.
AGGREGATE = Aggregate(
    name="approx_quantile",
    meaning=(
        "A value between the quantiles of the non-null values at q - 0.01 and q + 0.01, as "
        "`quantile` has them, in float64; null for none. Where the exact quantile is no dearer, on "
        "DuckDB and Postgres, it is that one."
    ),
    parameters=_EXACT.parameters,
    returns=_EXACT.returns,
    lower=_EXACT.lower,
    tolerance=0.01,
    keeps_unit=True,
    partials=_EXACT.partials,
    words="approximate quantile {1} of {0}",
    stored=True,
    examples=_EXACT.examples,
)
