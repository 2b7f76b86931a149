"""How much each lane takes, and for how long.

``FEATC_HARNESS=ci`` is the lane of `.ci/run`; without it pytest takes a tenth. Each test takes
seeds one after the other until it has compared enough or its time (of the processor) is over, and
then must have reached its floor.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import process_time

from tests.support.seeds import first_seed

LANE = os.environ.get("FEATC_HARNESS", "plain")
SHARDS = 2
"""Parts of a lane, which may run side by side."""

_SHARE = {"plain": 0.1, "ci": 1.0}[LANE]


@dataclass(frozen=True)
class Goal:
    """So many ``wanted`` within ``seconds``, and at least ``floor``: of the lane of `.ci/run`."""

    wanted: int
    floor: int
    seconds: float

    @property
    def enough(self) -> int:
        return int(self.wanted * _SHARE / SHARDS)

    @property
    def least(self) -> int:
        return int(self.floor * _SHARE / SHARDS)

    @property
    def box(self) -> float:
        return max(self.seconds * _SHARE, 15)


TEXTS = Goal(wanted=60_000, floor=15_000, seconds=200)
VALUES = Goal(wanted=14_000, floor=4_000, seconds=90)
TRAINING = Goal(wanted=6_000, floor=1_500, seconds=60)
PAIRS = Goal(wanted=5_600, floor=1_500, seconds=130)
REQUESTS = Goal(wanted=700, floor=200, seconds=40)
EXPECTATIONS = Goal(wanted=1_200, floor=300, seconds=40)


def seeds(goal: Goal, shard: int, count: Callable[[], int]) -> Iterator[int]:
    """Seeds of a shard, until ``count()`` is enough or the time is over."""
    seed, until = first_seed() + shard, process_time() + goal.box
    print(f"lane {LANE}, shard {shard}, from seed {seed}")
    while count() < goal.enough and process_time() < until:
        yield seed
        seed += SHARDS
