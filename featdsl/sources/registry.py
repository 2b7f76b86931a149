"""All kinds of sources by name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from featdsl.registry import discover
from featdsl.sources.spec import SourceKind


@cache
def sources() -> Mapping[str, SourceKind]:
    return discover("featdsl.sources", "SOURCE", SourceKind)
