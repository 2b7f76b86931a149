"""All scalar functions by name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from featdsl.functions.spec import Function
from featdsl.registry import discover


@cache
def functions() -> Mapping[str, Function]:
    return discover("featdsl.functions", "FUNCTION", Function)
