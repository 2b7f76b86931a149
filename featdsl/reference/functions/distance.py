"""``distance(lat1, lon1, lat2, lon2)``: km on a sphere."""

from __future__ import annotations

import math

from featdsl.reference.functions.spec import FunctionTwin, Given
from featdsl.reference.values import Value


def _compute(given: Given) -> Value:
    lat1, lon1, lat2, lon2 = map(float, given.args)
    if abs(lat1) > 90 or abs(lat2) > 90:
        return None
    a, b = math.radians(lat1), math.radians(lat2)
    across = math.sin(math.radians(lon2 - lon1) / 2)
    half = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * across**2
    return 2 * 6371.0088 * math.asin(math.sqrt(min(1.0, half)))


TWIN = FunctionTwin(compute=_compute)
