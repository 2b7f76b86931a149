"""Shifts and slides in words: in a record, and as what a run tells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Diagnostic
from featdsl.ir.program import Group
from featdsl.runs.trend_stats import Shift, Slide
from featdsl.store.trends import TrendUse
from featdsl.text.amounts import count

_SHOWN = 5
_SHARES = ("null rate", "share of true")
_COUNTS = ("rows", "distinct values")


def shift_words(feature: str | None, measure: str, values: Sequence[float], shift: Shift) -> str:
    """Where a measure is, and where it was."""
    of, show = _of(feature, measure), _Show(measure)
    low, high = min(values[:-1]), max(values[:-1])
    runs = count(len(values) - 1, "run")
    usual = f"{show(low)} to {show(high)}, mostly {show(shift.usual)}"
    if show(low) == show(high):
        usual = f"always {show(low)}"
    return f"{of} is {show(values[-1])}; in the {runs} before: {usual}"


def slide_words(
    feature: str | None,
    measure: str,
    values: Sequence[float],
    slide: Slide,
    breaks: str | None,
    left: int | None,
) -> str:
    """Where a measure comes from and goes to."""
    of, show = _of(feature, measure), _Show(measure)
    goes = "rises" if slide.slope > 0 else "falls"
    way = f"from {show(slide.start)} to {show(slide.end)} in {count(len(values), 'run')}"
    said = f"{of} {goes} run by run, {way}"
    if breaks is None or left is None:
        return said
    return f"{said}; going on so, `{breaks}` fails in about {count(left, 'run')}"


def told_of(group: Group, trends: Sequence[TrendUse]) -> Iterator[Diagnostic]:
    """What a run tells of a set: one warning of what shifted, one of what slides."""
    for kind, code, does, remedy in (
        (
            "shift",
            catalog.LEVEL_SHIFT,
            "not where they were",
            "`featc runs diff` of this run and an earlier one says what differs; where the change "
            "is meant, nothing needs to be done",
        ),
        (
            "slide",
            catalog.SLOW_SLIDE,
            "sliding",
            "look where the data come from before a bound breaks; an `expect` says how far it may "
            "go",
        ),
    ):
        found = [t for t in trends if t.kind == kind]
        if not found:
            continue
        message = f"`{group.name}`: {found[0].words}"
        if len(found) > 1:
            message = f"`{group.name}`: {count(len(found), 'measure')} are {does}: {found[0].words}"
        diagnostic = code.at(group.name_span, message)
        for trend in found[1:_SHOWN]:
            diagnostic = diagnostic.note(trend.words)
        if len(found) > _SHOWN:
            diagnostic = diagnostic.note(f"and {len(found) - _SHOWN:,} more, in the run's record")
        yield diagnostic.help(remedy)


def _of(feature: str | None, measure: str) -> str:
    if feature is None:
        return f"the number of {measure}"
    short = feature.rpartition(".")[2]
    number = "the number of " if measure in _COUNTS else "the "
    return f"{number}{measure} of `{short}`"


class _Show:
    """A value of a measure as people write it."""

    def __init__(self, measure: str) -> None:
        self.measure = measure

    def __call__(self, value: float) -> str:
        if self.measure in _SHARES:
            return f"{100 * value:.3g}%"
        return f"{value:,.0f}" if self.measure in _COUNTS else f"{value:,.6g}"
