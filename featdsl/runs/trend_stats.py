"""Statistics of one measure over runs: a sudden shift of its level, a slow slide.

Robust and few: medians, counts of pairs. What they find can be said in a sentence, and how often
they find something in a history that has nothing is measured (`docs/guides/gates.md`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np

LONGEST: Final = 30
"""Runs before the newest that are looked at, at most."""
LEAST_SHIFT: Final = 12
LEAST_SLIDE: Final = 15
"""Runs before the newest without which nothing is said of a shift, or of a slide."""
TRIMMED: Final = 20
"""From so many runs on the most extreme one on each side does not hide a shift."""
WIDTHS: Final = 6.0
"""How far beyond what was seen a shift goes, in usual deviations."""
STEADY: Final = 3.2
"""How sure a slide is, in standard errors of Kendall's count of pairs."""
MOVED: Final = 4.0
"""How far a slide leads from its first run to its last, in usual deviations from its line."""
_NORMAL: Final = 1.4826
"""Of a normal distribution the standard deviation is so many median deviations."""


@dataclass(frozen=True, slots=True)
class Shift:
    """The newest value is not where the others were: their median, their usual deviation."""

    usual: float
    deviation: float


@dataclass(frozen=True, slots=True)
class Slide:
    """A line through the values: where it begins and ends, and its slope a run."""

    start: float
    end: float
    slope: float


def level_shift(history: Sequence[float], newest: float, floor: float) -> Shift | None:
    """Whether a value lies far outside of those before it.

    Args:
        history: The values of earlier runs.
        newest: The value that is looked at.
        floor: The least deviation that counts as usual; above 0.

    Returns:
        What was usual, where the value lies beyond all others (from `TRIMMED` on: beyond all but
        one) by more than `WIDTHS` times their median absolute deviation from their median, scaled
        to a standard deviation; else None.

    Source:
        The scale: Rousseeuw & Croux, "Alternatives to the Median Absolute Deviation", J. Amer.
        Stat. Assoc. 88(424):1273-1283, 1993, section 1.
    """
    if len(history) < LEAST_SHIFT:
        return None
    ordered = sorted(history)
    usual = _median(ordered)
    deviation = max(_NORMAL * _median(sorted(abs(v - usual) for v in ordered)), floor)
    beside = 1 if len(ordered) >= TRIMMED else 0
    beyond = max(newest - ordered[-1 - beside], ordered[beside] - newest)
    return Shift(usual, deviation) if beyond > WIDTHS * deviation else None


def slow_slide(values: Sequence[float], floor: float) -> Slide | None:
    """Whether values go one way, run by run.

    Kendall's count of pairs says whether they do: with its variance made larger where values
    follow their neighbours, as those of windows that overlap do. The median of the slopes of all
    pairs says how fast.

    Args:
        values: Of runs, the newest last.
        floor: The least deviation from the line that counts as usual; above 0.

    Returns:
        The line, where more than `STEADY` standard errors speak for a trend and it leads further
        than `MOVED` usual deviations; else None.

    Source:
        Mann, Econometrica 13:245-259, 1945 (the count); Sen, J. Amer. Stat. Assoc. 63:1379-1389,
        1968 (the slope); Yue & Wang, Water Resources Management 18:201-218, 2004 (the variance),
        here with the autocorrelation one standard error above its estimate.
    """
    n = len(values)
    if n <= LEAST_SLIDE:
        return None
    import numpy as np

    x = np.asarray(values, dtype=float)
    earlier, later = _pairs(n)
    differences = x[later] - x[earlier]
    count = abs(float(np.sign(differences).sum())) - 1
    error = math.sqrt(_variance(x, n))
    if count <= STEADY * error:
        return None
    places = np.arange(n)
    slope = float(np.median(differences / (later - earlier)))
    rest = x - slope * places
    level = float(np.median(rest))
    rest -= level
    deviation = max(_NORMAL * float(np.median(np.abs(rest))), floor)
    if abs(slope) * (n - 1) <= MOVED * deviation:
        return None
    rho = _following(rest, n)
    if count <= STEADY * error * math.sqrt((1 + rho) / (1 - rho)):
        return None
    return Slide(level, level + slope * (n - 1), slope)


@cache
def _pairs(n: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """The places of both values of every pair of `n`."""
    import numpy as np

    earlier, later = np.triu_indices(n, 1)
    return earlier, later


def _variance(x: np.ndarray[Any, Any], n: int) -> float:
    """Of Kendall's count, where there is no trend; equal values take from it."""
    import numpy as np

    _, ties = np.unique(x, return_counts=True)
    tied = float((ties * (ties - 1) * (2 * ties + 5)).sum())
    return max(n * (n - 1) * (2 * n + 5) - tied, 1.0) / 18


def _following(rest: np.ndarray[Any, Any], n: int) -> float:
    """How much values follow their neighbours: 0 not at all, towards 1 as they walk."""
    centred = rest - rest.mean()
    whole = float((centred * centred).sum())
    if whole == 0:
        return 0.0
    found = float((centred[1:] * centred[:-1]).sum()) / whole
    # Of few values, whose trend was taken away, it comes out too small.
    rho = min(max((n * found + 2) / (n - 4), 0.0), 0.99)
    return min(rho + math.sqrt((1 - rho * rho) / n), 0.99)


def _median(ordered: Sequence[float]) -> float:
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
