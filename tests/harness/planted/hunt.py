"""Look for a planted bug as the harness looks for others."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from time import process_time

from tests.harness import expectations, pairs, requests, training, values
from tests.harness.engine import Engine
from tests.harness.pairs import Pairs
from tests.harness.planted.aside import ASIDE
from tests.harness.planted.plant import Bug, planted
from tests.harness.tally import Tally

SEEDS = Path(__file__).with_name("seeds.json")
"""Seeds that caught each bug when they were last looked for: the first that are tried."""
FAILURES = (Exception,)
"""A compiler with a bug may fail in any way; that is caught too."""


Turn = tuple[str, int]
"""A lane and a seed."""


def caught(bug: Bug, turns: Iterable[Turn], until: float) -> Turn | None:
    """The first lane and seed that show a bug, and nothing without it."""
    left = iter(turns)
    while (turn := _differs(bug, left, until)) is not None:
        if not shows(*turn, Engine()):
            return turn
    return None


def _differs(bug: Bug, turns: Iterator[Turn], until: float) -> Turn | None:
    engine = Engine()
    with planted(bug):
        for turn in turns:
            if shows(*turn, engine):
                return turn
            if process_time() > until:
                break
    return None


def shows(lane: str, seed: int, engine: Engine) -> bool:
    """Whether anything differs, or fails, with a seed."""
    try:
        match lane:
            case "values":
                return values.trial(seed, Tally(), engine) is not None
            case "training":
                return training.trial(seed, Tally(), engine) is not None
            case "requests":
                return requests.trial(seed, Tally()) is not None
            case "expectations":
                return expectations.trial(seed, Tally()) is not None
            case _ if lane in ASIDE:
                return ASIDE[lane]()
            case _:
                return pairs.trial(seed, Pairs(), engine, only=lane) is not None
    except FAILURES:
        return True


def known_seeds() -> dict[str, dict[str, int]]:
    return json.loads(SEEDS.read_text()) if SEEDS.exists() else {}


def hunt(bug: Bug, seconds: float, first: int = 1, most: int = 400) -> Turn | None:
    """A lane and a seed that catch a bug: what did before, else whatever does."""
    known = known_seeds().get(bug.name, {})
    if (turn := caught(bug, known.items(), process_time() + seconds)) is not None:
        return turn
    lanes = bug.lanes.split()
    for lane in lanes:
        until = process_time() + seconds / len(lanes)
        tries = range(1) if lane in ASIDE else range(first, first + most)
        if (turn := caught(bug, ((lane, seed) for seed in tries), until)) is not None:
            return turn
    return None
