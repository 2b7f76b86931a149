"""Relations between values that need no oracle."""

from __future__ import annotations

import pytest

from tests.harness.checks import shown
from tests.harness.engine import Engine
from tests.harness.lanes import PAIRS, SHARDS, seeds
from tests.harness.pairs import RELATIONS, Pairs, trial

LEAST_OF_ONE = 0.002
ENOUGH = 1_000
"""The share of pairs that each relation has at least: none is left out by how projects are."""


@pytest.mark.parametrize("shard", range(SHARDS))
def test_relations_hold(shard):
    pairs, engine = Pairs(), Engine()
    for seed in seeds(PAIRS, shard, lambda: pairs.total):
        case = trial(seed, pairs, engine)
        assert case is None, shown(case, seed)

    print(pairs)
    assert pairs.total >= PAIRS.least
    if pairs.total >= ENOUGH:
        assert all(pairs.compared[name] >= LEAST_OF_ONE * pairs.total for name in RELATIONS), pairs
