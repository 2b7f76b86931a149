"""All dialects, by name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from featdsl.dialects.spec import Dialect
from featdsl.registry import discover


@cache
def dialects() -> Mapping[str, Dialect]:
    """Every dialect that may be asked for."""
    return discover("featdsl.dialects", "DIALECT", Dialect)
