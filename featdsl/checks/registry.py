"""All kinds of expectations by name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from featdsl.checks.spec import Check
from featdsl.registry import discover


@cache
def checks() -> Mapping[str, Check]:
    return discover("featdsl.checks", "CHECK", Check)
