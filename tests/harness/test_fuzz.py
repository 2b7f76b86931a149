"""Whatever is written is answered by diagnostics, soon; what is accepted keeps its meaning."""

from __future__ import annotations

import pytest

from tests.harness.fuzz import Read, trial
from tests.harness.lanes import SHARDS, TEXTS, seeds


@pytest.mark.parametrize("shard", range(SHARDS))
def test_every_text_is_answered(shard):
    counts = Read()
    for seed in seeds(TEXTS, shard, lambda: counts.texts):
        wrong = trial(seed, counts)
        assert wrong is None, f"seed {seed}: {wrong}"

    print(counts)
    assert counts.texts >= TEXTS.least
    assert counts.accepted >= counts.texts / 50
