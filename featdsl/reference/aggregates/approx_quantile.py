"""``approx_quantile(x, q)``: the exact quantile, which is the best of what it may be."""

from __future__ import annotations

from featdsl.reference.aggregates.quantile import TWIN

__all__ = ["TWIN"]
