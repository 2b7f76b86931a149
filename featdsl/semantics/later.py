"""Words of the language that are known before this version can compute them."""

from __future__ import annotations

# Aggregates of the language that no file holds yet.
_LATER = (
    "count_distinct approx_count_distinct avg min max stddev variance stddev_pop variance_pop "
    "median quantile approx_quantile skewness kurtosis first min_by max_by mode top_k collect "
    "collect_distinct histogram any all entropy ratio slope corr covar ewm_sum vec_avg streak "
    "longest_streak"
)
LATER_AGGREGATES = frozenset(_LATER.split(" "))
