"""As many trials as `.ci/run` needs: `pytest -m faults`."""

from __future__ import annotations

import pytest
from seeds import first_seed

from tests.faults.trials import crowds, flips, kills, stops

pytestmark = pytest.mark.faults
SHARDS = 10
KILLS, STOPS, FLIPS = 200, 15, 600


def shard(number: int, of: int) -> range:
    return range(first_seed() + number, first_seed() + of, SHARDS)


@pytest.mark.parametrize("number", range(SHARDS))
def test_a_command_that_is_killed_while_it_writes(number: int) -> None:
    assert [found for seed in shard(number, KILLS) if (found := kills.trial(seed))] == []


@pytest.mark.parametrize("number", range(SHARDS))
def test_a_real_command_that_is_killed(number: int) -> None:
    assert [found for seed in shard(number, STOPS) if (found := stops.trial(seed))] == []


@pytest.mark.parametrize("number", range(SHARDS))
def test_a_file_that_is_broken(number: int) -> None:
    assert [found for seed in shard(number, FLIPS) if (found := flips.trial(seed))] == []


def test_eight_processes_that_publish_at_once() -> None:
    assert crowds.many_publish(first_seed()) is None


def test_eight_commands_at_once() -> None:
    assert crowds.many_commands(first_seed()) is None
