"""Whether two values, or two tables of them, are the same."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from typing import Any

from featdsl.ir.program import Feature, Program
from featdsl.types.dtype import DType, Kind
from tests.harness.case import Table

RELATIVE = 1e-9
"""How far floats may be apart; `docs/language/semantics.md` says why."""


Slack = Callable[[], float]
"""How far a float may be apart besides, asked for where it is."""


def _none(_: object = None) -> float:
    return 0.0


def same(expected: Any, actual: Any, feature: Feature, slack: Slack = _none) -> bool:
    """Exactly, but for floats and what is approximate."""
    if expected is None or actual is None:
        return expected is None and actual is None
    if feature.short.startswith("approx"):
        return abs(expected - actual) <= 1 + 0.05 * expected
    if same_value(expected, actual, feature.dtype):
        return True
    return feature.dtype.kind is Kind.FLOAT and abs(expected - actual) <= slack()


def same_or_null(expected: Any, actual: Any, dtype: DType) -> bool:
    """As `same_value`, of values that may be null."""
    if expected is None or actual is None:
        return expected is None and actual is None
    return same_value(expected, actual, dtype)


def same_value(expected: Any, actual: Any, dtype: DType) -> bool:
    """As `same`, of values of a type that are not null."""
    if dtype.kind is Kind.FLOAT:
        return math.isclose(expected, actual, rel_tol=RELATIVE, abs_tol=RELATIVE)
    if dtype.kind in (Kind.INT, Kind.DECIMAL):
        if isinstance(actual, float | bool):
            return False
        return Decimal(expected) == Decimal(actual)
    if dtype.kind is Kind.LIST:
        pairs = zip(expected, actual, strict=True) if len(expected) == len(actual) else ()
        return len(expected) == len(actual) and all(same_or_null(*p, dtype.items[0]) for p in pairs)
    if dtype.kind is Kind.MAP:
        values = ((expected[k], actual[k]) for k in expected)
        return expected.keys() == actual.keys() and all(
            same_or_null(*v, dtype.items[1]) for v in values
        )
    return type(expected) is type(actual) and expected == actual


def different(
    program: Program,
    name: str,
    expected: Table,
    actual: Table,
    slack: Callable[[Any], float] = _none,
) -> Iterator[str]:
    """What differs between two tables of a group; ``slack`` of a key and a feature's name."""
    group = program.groups[name]
    for key in sorted({*expected, *actual}, key=repr):
        if key not in expected or key not in actual:
            yield f"{name} {key}: {'missing' if key in expected else 'unexpected'} row"
            continue
        for feature in group.features.values():
            if feature.short not in expected[key]:
                continue
            want, got = expected[key][feature.short], actual[key][feature.short]
            place = (key, feature.short)
            if not same(want, got, feature, partial(slack, place)):
                yield f"{feature.name} {key}: expected {want!r}, is {got!r}"
