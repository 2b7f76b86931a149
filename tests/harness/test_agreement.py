"""Against the oracle: values at one time, training sets, answers, expectations."""

from __future__ import annotations

import pytest

from tests.harness import expectations, requests, training, values
from tests.harness.checks import shown
from tests.harness.engine import Engine
from tests.harness.lanes import EXPECTATIONS, REQUESTS, SHARDS, TRAINING, VALUES, seeds
from tests.harness.tally import Tally

MOST_REFUSED = 0.1
MOST_STOPPED = 0.2
LEAST_FILLED = 0.2
"""Shares: of projects, of sets of rows, of cells."""

LANES = {
    "values": (values.trial, VALUES),
    "training": (training.trial, TRAINING),
    "requests": (lambda seed, tally, _: requests.trial(seed, tally), REQUESTS),
    "expectations": (lambda seed, tally, _: expectations.trial(seed, tally), EXPECTATIONS),
}


@pytest.mark.parametrize("shard", range(SHARDS))
@pytest.mark.parametrize("lane", LANES)
def test_values_are_those_of_the_oracle(lane, shard):
    trial, goal = LANES[lane]
    tally, engine = Tally(), Engine()
    for seed in seeds(goal, shard, lambda: tally.agreed):
        case = trial(seed, tally, engine)
        assert case is None, shown(case, seed)

    print(tally)
    assert tally.agreed >= goal.least
    assert tally.filled >= LEAST_FILLED * tally.cells
    assert tally.refused.total() <= 1 + MOST_REFUSED * tally.programs
    assert tally.left_out <= MOST_REFUSED * tally.agreed
    assert tally.stopped.total() <= MOST_STOPPED * tally.agreed
