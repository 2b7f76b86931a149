"""When a value that featc computed is the value that was expected."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

# group -> key (a tuple where the entity has several) -> feature -> value
Values = Mapping[str, Mapping[Any, Mapping[str, Any]]]


def same(actual: Any, expected: Any) -> bool:
    """Exact for all but floats; those to 1e-9 of their size (of 0.001 for smaller ones)."""
    if expected is None or actual is None:
        return actual is expected
    if isinstance(expected, list):
        alike = isinstance(actual, list) and len(actual) == len(expected)
        return alike and all(map(same, actual, expected))
    if isinstance(expected, dict):
        alike = isinstance(actual, dict) and actual.keys() == expected.keys()
        return alike and all(same(actual[k], v) for k, v in expected.items())
    if isinstance(expected, bool | str):
        return type(actual) is type(expected) and actual == expected
    if isinstance(expected, float):
        return isinstance(actual, float) and math.isclose(
            actual, expected, rel_tol=1e-9, abs_tol=1e-12
        )
    if isinstance(expected, int | Decimal):
        exact = isinstance(actual, int | Decimal) and not isinstance(actual, bool)
        return exact and actual == expected
    if isinstance(expected, datetime) and isinstance(actual, datetime):
        return actual.replace(tzinfo=None) == expected
    return False


def differences(
    where: str, actual: Mapping[str, Any] | None, expected: Mapping[str, Any] | None
) -> list[str]:
    """A line for each feature that differs; None stands for a key that is not there."""
    if actual is None or expected is None:
        return [] if actual is expected else [f"{where}: {actual}, expected {expected}"]
    return [
        f"{where}.{name}: {actual.get(name)!r}, expected {expected.get(name)!r}"
        for name in sorted(actual.keys() | expected.keys())
        if name not in actual or name not in expected or not same(actual[name], expected[name])
    ]


def differences_between(before: Values, after: Values) -> list[str]:
    """A line for each value that is not the same in two runs."""
    return [
        line
        for group in sorted(before.keys() | after.keys())
        for key in sorted(before.get(group, {}).keys() | after.get(group, {}).keys())
        for line in differences(
            f"{group}[{key}]", before.get(group, {}).get(key), after.get(group, {}).get(key)
        )
    ]


def dull(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Features that are null throughout, or the same throughout."""
    seen = defaultdict(set)
    for row in rows:
        for name, value in row.items():
            seen[name].add(repr(value) if isinstance(value, list | dict) else value)
    return sorted(name for name, values in seen.items() if len(values - {None}) < 2)
