"""How often early warnings cry where nothing happens, and how often not where something does."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from featdsl.runs.trend_stats import level_shift, slow_slide

GUIDE = Path(__file__).parents[1] / "docs" / "guides" / "gates.md"
LENGTHS = (15, 30)
"""Runs before the newest."""
TINY = 1e-9

Histories = np.ndarray[Any, np.dtype[np.float64]]


def histories(size: int, runs: int) -> Iterator[tuple[str, Histories]]:
    """Random histories by what they are like; each row is one, the newest value last."""
    rng = np.random.default_rng(20261129)
    shape = (size, runs)
    yield "independent, normal", rng.standard_normal(shape)
    yield "independent, heavy tails (Student's t, 3 degrees)", rng.standard_t(3, shape)
    yield "counts (Poisson, 50)", rng.poisson(50, shape).astype(float)
    days = rng.integers(0, 7, size)[:, None] + np.arange(runs)
    yield "two low days a week", rng.standard_normal(shape) - 10 * (days % 7 >= 5)
    yield "half of each value is the last one's (AR 0.5)", _following(rng, shape, 0.5)
    yield "a window of 7 days, run daily", _windows(rng, shape, 7)
    yield "a window of 30 days, run daily", _windows(rng, shape, 30)
    yield "a random walk, which is not stationary", rng.standard_normal(shape).cumsum(axis=1)


def _following(rng: np.random.Generator, shape: tuple[int, int], rho: float) -> Histories:
    found = rng.standard_normal(shape)
    found[:, 0] /= np.sqrt(1 - rho * rho)
    for i in range(1, shape[1]):
        found[:, i] += rho * found[:, i - 1]
    return found


def _windows(rng: np.random.Generator, shape: tuple[int, int], width: int) -> Histories:
    sums = rng.standard_normal((shape[0], shape[1] + width)).cumsum(axis=1)
    return sums[:, width:] - sums[:, :-width]


def alarms(found: Histories) -> tuple[float, float]:
    """Shares of histories in which a shift, and a slide, is found."""
    rows = found.tolist()
    shifts = sum(level_shift(r[:-1], r[-1], TINY) is not None for r in rows)
    slides = sum(slow_slide(r, TINY) is not None for r in rows)
    return shifts / len(rows), slides / len(rows)


def rates(size: int) -> dict[str, list[float]]:
    """By history, for each of `LENGTHS`: the share with a shift, and with a slide."""
    table: dict[str, list[float]] = {}
    for runs in LENGTHS:
        for name, found in histories(size, runs + 1):
            table.setdefault(name, []).extend(alarms(found))
    return table


def written() -> dict[str, list[float]]:
    """The guide's figures."""
    rows = re.findall(r"^\| ([^|]+) \|((?: [\d.]+% \|){4})$", GUIDE.read_text("utf-8"), re.M)
    return {n: [float(v) / 100 for v in re.findall(r"[\d.]+", v)] for n, v in rows}


def test_false_alarms_are_as_rare_as_the_guide_says() -> None:
    size, told = 400, written()
    for name, found in rates(size).items():
        for rate, said in zip(found, told[name], strict=True):
            chance = 4 * (said * (1 - said) / size) ** 0.5
            assert rate <= said + chance + 2 / size, (name, rate, said)


@pytest.mark.study
def test_the_figures_of_the_guide_are_those_measured() -> None:
    measured = {n: [f"{v:.2%}" for v in found] for n, found in rates(20_000).items()}
    if os.environ.get("FEATC_UPDATE_GOLDEN"):
        text = GUIDE.read_text("utf-8")
        for name, figures in measured.items():
            row = f"| {name} | {' | '.join(figures)} |"
            text = re.sub(rf"^\| {re.escape(name)} \|.*$", row, text, flags=re.M)
        GUIDE.write_text(text, "utf-8")

    assert {n: [f"{v:.2%}" for v in found] for n, found in written().items()} == measured


@pytest.mark.parametrize(
    ("deviations", "shifts", "slides"), [(4, 0.0, 0.4), (6, 0.02, 0.8), (9, 0.6, 0.97)]
)
def test_what_happens_is_found(deviations: float, shifts: float, slides: float) -> None:
    """In histories of 30 normal values that move by so many deviations, at once or bit by bit."""
    rng = np.random.default_rng(7)
    noise = rng.standard_normal((200, 31))
    step = noise + deviations * (np.arange(31) == 30)
    slope = noise + deviations * np.arange(31) / 30

    assert alarms(step)[0] >= shifts
    assert alarms(slope)[1] >= slides
