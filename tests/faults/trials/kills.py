"""A command that is killed at one of the points at which it writes."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from functools import cache
from random import Random

from featdsl.store.catalog import catalog_path
from tests.faults.trials.ground import (
    NEW,
    Kept,
    called,
    points,
    published,
    unpublished,
    wrong_after,
)

_COMMANDS: dict[str, tuple[str, ...]] = {
    "run": ("run",),
    "first run": ("run",),
    "promote": ("promote", "dev", "prod"),
    "rollback": ("rollback",),
    "gc": ("gc", "--keep", "0", "--days", "0"),
    "doctor": ("doctor", "--repair"),
}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A project as a command finds it, and the points that the command then passes."""

    name: str
    kept: Kept
    points: tuple[str, ...]


@cache
def prepared() -> tuple[Prepared, ...]:
    first, later = unpublished(), published()
    later.holds(NEW)
    kept = later.kept()
    made = []
    for name, command in _COMMANDS.items():
        ground = first if name == "first run" else kept.again()
        if name == "doctor":
            catalog_path(ground.target).write_bytes(b"no catalog" * 100)
        if name == "promote":
            assert called(ground.folder, "run") == 0
        found = ground.kept()
        # What is made once for all runs passes points that later ones do not.
        points(ground.folder, *command)
        found.again()
        made.append(Prepared(name, found, tuple(points(ground.folder, *command))))
    return tuple(made)


@cache
def every_point() -> list[tuple[Prepared, int]]:
    """Each point of each command, counted from 1; in an order that mixes commands."""
    every = [(one, at) for one in prepared() for at in range(1, len(one.points) + 1)]
    Random(1).shuffle(every)
    return every


def trial(seed: int) -> str | None:
    """Kill at the point that a seed stands for: one seed after another goes through all."""
    every = every_point()
    return killed(*every[seed % len(every)])


def killed(one: Prepared, at: int) -> str | None:
    """Kill a command at a point; what is wrong then."""
    ground = one.kept.again()
    status = called(ground.folder, *_COMMANDS[one.name], fault=("kill", at))
    if status != -signal.SIGKILL:
        return f"{one.name} was not killed at point {at}: exit status {status}"
    found = wrong_after(ground, *_COMMANDS[one.name])
    return found and f"{one.name}, killed at point {at}, {one.points[at - 1]}: {found}"
