"""How much of a float's digits its inputs decide: the condition of what is computed.

Where large numbers cancel, the last bit of an input moves the result by far more than 1e-9 of it,
and no float64 computation is nearer. So a result that is further off is compared with what the
oracle gives when every float64 that enters an aggregate has another last bit: as far as these are
apart, times what rounding adds up to, a result may be. What does not cancel has no slack.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from functools import cached_property
from random import Random
from typing import Any

from featdsl.reference.aggregates.spec import Given
from tests.harness import oracle

SAMPLES = 8
FACTOR = 64
"""Rounding of some dozens of rows, row by row, over that of the inputs."""
_BIT = 2.0**-52


@contextmanager
def nudged(r: Random) -> Iterator[None]:
    """The oracle with another last bit in all that enters an aggregate as float64."""
    exact = Given.floats_of

    def near(given: Given, i: int) -> list[float]:
        return [x * (1 + r.choice((-_BIT, _BIT))) for x in exact(given, i)]

    ages = Given.ages

    def nearly(given: Given) -> list[Fraction]:
        return [Fraction(float(x) * (1 + r.choice((-_BIT, _BIT)))) for x in ages(given)]

    Given.floats_of, Given.ages = near, nearly  # type: ignore[method-assign]
    try:
        yield
    finally:
        Given.ages = ages  # type: ignore[method-assign]
        Given.floats_of = exact  # type: ignore[method-assign]


class Condition:
    """Of values at their places, which ``evaluate`` asks the oracle for."""

    def __init__(self, evaluate: Callable[[], Mapping[Any, Any]], expected: Mapping[Any, Any]):
        self.evaluate, self.expected = evaluate, expected

    @cached_property
    def samples(self) -> list[Mapping[Any, Any]]:
        r, found = Random(1), []
        for _ in range(SAMPLES):
            with nudged(r):
                try:
                    found.append(self.evaluate())
                except oracle.STOPS:
                    continue
        return found

    def slack(self, place: Any) -> float:
        """How far a value may be from what is expected."""
        want = self.expected.get(place)
        if not isinstance(want, float):
            return 0.0
        near = [s.get(place) for s in self.samples]
        apart = [abs(x - want) for x in near if isinstance(x, float) and math.isfinite(x)]
        return FACTOR * max(apart, default=0.0)


def cells(table: Mapping[Any, Mapping[str, Any]]) -> dict[Any, Any]:
    """A table's values by key and feature."""
    return {(key, name): v for key, values in table.items() for name, v in values.items()}
