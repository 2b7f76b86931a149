"""Whether a computed value is the one that a test states."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

from featdsl.types.dtype import DType, Kind
from featdsl.types.duration import Duration
from featdsl.types.value import MapValue

TOLERANCE = 1e-9
"""Relative, for floats; every other type must be equal."""


def same(expected: Any, actual: Any, dtype: DType) -> bool:
    """Whether two values of a type are the same; null is the same as null only."""
    if expected is None or actual is None:
        return expected is None and actual is None
    match dtype.kind:
        case Kind.FLOAT:
            return math.isclose(float(expected), float(actual), rel_tol=TOLERANCE, abs_tol=1e-12)
        case Kind.DECIMAL | Kind.INT:
            return Decimal(expected) == Decimal(actual)
        case Kind.DURATION:
            return _micros(expected) == _micros(actual)
        case Kind.LIST:
            return len(expected) == len(actual) and all(
                same(e, a, dtype.items[0]) for e, a in zip(expected, actual, strict=True)
            )
        case Kind.MAP:
            return _same_maps(expected, actual, dtype)
        case _:
            return bool(expected == actual)


def _same_maps(expected: Any, actual: Any, dtype: DType) -> bool:
    """Whether two maps have the same keys, each with the same value: they have no order."""
    wanted, found = (
        dict(m.entries) if isinstance(m, MapValue) else dict(m) for m in (expected, actual)
    )
    return wanted.keys() == found.keys() and all(
        same(held, found[key], dtype.items[1]) for key, held in wanted.items()
    )


def _micros(value: Any) -> int:
    return value.micros if isinstance(value, Duration) else int(value)
