"""All engines by name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from featdsl.engines.spec import Engine
from featdsl.registry import discover


@cache
def engines() -> Mapping[str, Engine]:
    return discover("featdsl.engines", "ENGINE", Engine)
