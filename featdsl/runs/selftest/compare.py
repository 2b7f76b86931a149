"""Two outputs of a query, cell by cell."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

Key: TypeAlias = tuple[Any, ...]
Values: TypeAlias = Mapping[Key, Sequence[Any]]
"""Values of features, in order, by key."""

# Sums of floats in another order differ in their last digits.
_RELATIVE, _ABSOLUTE = 1e-6, 1e-9


def changed(before: Values, after: Values) -> Iterator[tuple[Key, int]]:
    """Keys and positions of the values that differ; a key that only one has differs in all."""
    for key in before.keys() | after.keys():
        left, right = before.get(key), after.get(key)
        if left is None or right is None:
            yield from ((key, i) for i in range(len(left or right or ())))
            continue
        yield from (
            (key, i) for i, (a, b) in enumerate(zip(left, right, strict=True)) if not same(a, b)
        )


def same(a: Any, b: Any) -> bool:
    """Whether two values are one: floats but for rounding, everything else exactly."""
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=_RELATIVE, abs_tol=_ABSOLUTE)
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return a.keys() == b.keys() and all(same(value, b[key]) for key, value in a.items())
    return bool(a == b)
