"""Each guard of a target is needed: without it, a trial finds something wrong."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from functools import partial

import pytest

from tests.faults.guards import GUARDS
from tests.faults.trials import flips, kills
from tests.harness.planted.plant import Bug, planted

pytestmark = pytest.mark.faults
BREAKS = 250


def trials(lanes: str) -> Iterator[partial[str | None]]:
    if lanes == "flips":
        return (partial(flips.trial, seed) for seed in range(BREAKS))
    command, _, point = lanes.partition(": ")
    return (
        partial(kills.killed, one, at)
        for one, at in kills.every_point()
        if (one.name, one.points[at - 1]) == (command, point)
    )


def found(guard: Bug) -> str | None:
    """The first thing that is wrong."""
    for trial in trials(guard.lanes):
        try:
            wrong = trial()
        except Exception as error:  # noqa: BLE001 - that is found too
            wrong = repr(error)
        if wrong is not None:
            return wrong
    return None


def looked(guard: Bug) -> None:
    """In a process of its own, which the guard is taken out of."""
    trials(guard.lanes)
    with planted(guard):
        wrong = found(guard)
    print(wrong)
    raise SystemExit(0 if wrong is not None else 1)


@pytest.mark.parametrize("guard", GUARDS, ids=lambda g: g.name)
def test_a_guard_is_needed(guard: Bug) -> None:
    flips.prepared()
    kills.prepared()
    child = multiprocessing.get_context("fork").Process(target=looked, args=(guard,))
    child.start()
    child.join()

    assert child.exitcode == 0
