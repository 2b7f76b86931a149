"""All functions by name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from featdsl.reference.functions.spec import FunctionTwin
from featdsl.reference.twins import found


@cache
def functions() -> Mapping[str, FunctionTwin]:
    return found("featdsl.reference.functions", FunctionTwin)
