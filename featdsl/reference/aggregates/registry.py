"""All aggregates by name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from featdsl.reference.aggregates.spec import AggregateTwin
from featdsl.reference.twins import found


@cache
def aggregates() -> Mapping[str, AggregateTwin]:
    return found("featdsl.reference.aggregates", AggregateTwin)
