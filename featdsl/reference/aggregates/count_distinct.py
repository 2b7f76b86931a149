"""``count_distinct(x)``: number of different values."""

from __future__ import annotations

from collections.abc import Hashable
from typing import cast

from featdsl.reference.aggregates.spec import AggregateTwin
from featdsl.reference.values import Value


def _told_apart(value: Value) -> Hashable:
    """Maps are told apart by what they have for each key."""
    match value:
        case dict():
            return frozenset((key, _told_apart(v)) for key, v in value.items())
        case tuple():
            return tuple(map(_told_apart, value))
    return cast(Hashable, value)


TWIN = AggregateTwin(
    compute=lambda given: len({_told_apart(v) for v in given.values}),
    empty=0,
)
