"""Bounds round a measure: at it, and a little above and below, where a comparison turns."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

from tests.harness.generate.moments import MICRO

OPS = ("=", "!=", "<", "<=", ">", ">=", "between", "not between")
_TURNED = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_NEAR = (-1, 0, 0, 1)


def against(r: Random, number: str, bounds: list[str]) -> str:
    """A number compared with bounds, of which the first is not above the second."""
    op = r.choice(OPS)
    if "between" in op:
        return f"{number} {op} {bounds[0]} and {bounds[1]}"
    bound = r.choice(bounds)
    turned = op in _TURNED and "(" in number and r.random() < 0.2
    return f"{bound} {_TURNED[op]} {number}" if turned else f"{number} {op} {bound}"


def whole(r: Random, measure: Any) -> list[str]:
    """Of a count, or another number that is exact."""
    value = Decimal(0) if measure is None else Decimal(measure)
    step = Decimal(1).scaleb(max(value.as_tuple().exponent, -4)) if value else Decimal(1)
    low = value + r.choice(_NEAR) * step
    return [_written(low), _written(low + r.choice((0, 0, 1, 5)) * step)]


def share(r: Random, measure: Fraction) -> list[str]:
    """Of a share, in percent with four places: at it where that can be written."""
    low = Fraction(math.floor(measure * 10**6) + r.choice(_NEAR), 10**6)
    found = [
        max(low, Fraction(0)),
        max(low, Fraction(0)) + Fraction(r.choice((0, 1, 10**5)), 10**6),
    ]
    return [f"{_written(Decimal(int(x * 10**6)) / 10**4)}%" for x in found]


def rough(r: Random, measure: float) -> list[str]:
    """Of a float whose last digits may be others: never at it."""
    size = max(abs(measure), 0.01)
    low = measure + r.choice((-0.1, 0.1, 0.001, -0.001)) * size
    return [f"{x:.9f}" for x in (low, low + r.choice((0.0001, 0.2)) * size)]


def age(r: Random, at: datetime, newest: datetime | None) -> list[str]:
    """How old the newest row is, in milliseconds: at it where there are no microseconds."""
    old = timedelta(days=1) if newest is None else at - newest
    if newest is not None and r.random() < 0.2:
        return ["1d", r.choice(("30d", "1month", "1year"))]
    low = max(0, old // (1000 * MICRO) + r.choice(_NEAR))
    return [f"{low}ms", f"{low + r.choice((0, 1, 86_400_000))}ms"]


def _written(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
