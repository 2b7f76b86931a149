"""How outputs stand beside those of earlier runs: what left its level, what slides."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from typing import Final

from pydantic import BaseModel, ConfigDict

from featdsl.ir.program import CheckKind, Expectation, Group
from featdsl.runs.state import Run
from featdsl.runs.trend_stats import LEAST_SHIFT, LONGEST, Slide, level_shift, slow_slide
from featdsl.runs.trend_words import shift_words, slide_words, told_of
from featdsl.store.ledger import contents_before
from featdsl.store.trends import TrendUse
from featdsl.text.amounts import count
from featdsl.types.dtype import Kind

_LOOKED_AT: Final = 4 * LONGEST
"""Runs of a target, at most, among which those of a set are looked for."""
SOON: Final = 10
"""Runs: what breaks so soon is told again."""

ROWS: Final = "rows"
NULLS: Final = "null rate"
DISTINCT: Final = "distinct values"
MEAN: Final = "mean"
SHARE: Final = "share of true"
QUANTILES: Final = {"0.05": "5% quantile", "0.5": "median", "0.95": "95% quantile"}

_CHECKED = {CheckKind.ROW_COUNT: ROWS, CheckKind.NULL_RATE: NULLS, CheckKind.DISTINCT: DISTINCT}


class _Part(BaseModel):
    """Of records only what is compared: there may be many, with many features."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class _Column(_Part):
    name: str
    fingerprint: str | None = None


class _Profile(_Part):
    feature: str
    dtype: str
    rows: int
    nulls: int
    distinct: int
    mean: float | None = None
    quantiles: dict[str, float] = {}
    sampled: int | None = None


class _Output(_Part):
    group: str
    rows: int
    columns: tuple[_Column, ...]
    profile: tuple[_Profile, ...] = ()


class _Past(_Part):
    as_of: datetime
    location: str | None = None
    trial: bool = False
    outputs: tuple[_Output, ...] = ()
    trends: tuple[TrendUse, ...] = ()


@dataclass(frozen=True, slots=True)
class _Known:
    """Earlier outputs of a set, the latest first, each with what its run found."""

    outputs: list[tuple[_Output, tuple[TrendUse, ...]]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Series:
    """A measure over runs, the newest last; ``floor`` is the least deviation that is usual."""

    feature: str | None
    measure: str
    values: Sequence[float]
    floor: float


def find_trends(run: Run) -> str:
    """Compare the profiles of the outputs with those of earlier runs."""
    if not run.settings.publish:
        return "nothing is published"
    known = _history(run, {o.group for o in run.outputs})
    for made in run.outputs:
        newest = _Output.model_validate(made.model_dump())
        group = run.program.groups[made.group]
        found = sorted(_found(newest, known[made.group], group), key=_strength, reverse=True)
        run.trends += found
        for diagnostic in told_of(group, [t for t in found if t.new]):
            run.problems.report(diagnostic)
    compared = max((len(k.outputs) for k in known.values()), default=0)
    if compared < LEAST_SHIFT:
        return f"{count(compared, 'earlier run')}: too few to compare with"
    return f"{count(len(run.trends), 'early warning')}, {count(compared, 'earlier run')}"


def _history(run: Run, sets: set[str]) -> dict[str, _Known]:
    """Earlier outputs of sets, one for each as-of time: the one that was computed last."""
    settings, found = run.settings, {name: _Known() for name in sets}
    seen: set[tuple[str, datetime]] = set()
    contents = contents_before(
        settings.places.target,
        settings.as_of.instant,
        of=settings.space.target,
        most=_LOOKED_AT,
    )
    for content in contents:
        past = _Past.model_validate_json(content)
        if past.trial or (past.location or "") != settings.space.location:
            continue
        for output in past.outputs:
            known = found.get(output.group)
            if known is None or (output.group, past.as_of) in seen:
                continue
            seen.add((output.group, past.as_of))
            if len(known.outputs) < LONGEST:
                of_set = tuple(t for t in past.trends if t.set == output.group)
                known.outputs.append((output, of_set))
        if all(len(k.outputs) >= LONGEST for k in found.values()):
            break
    return found


def _found(newest: _Output, known: _Known, group: Group) -> Iterator[TrendUse]:
    if len(known.outputs) < LEAST_SHIFT:
        return
    for series in _all_series(newest, known):
        shift = level_shift(series.values[:-1], series.values[-1], series.floor)
        if shift is not None:
            lately = known.outputs[0][1]
            yield _use(
                newest,
                series,
                kind="shift",
                before=shift.usual,
                deviation=shift.deviation,
                new=not any(_same(t, series, "shift") for t in lately),
                words=shift_words(series.feature, series.measure, series.values, shift),
            )
            continue
        slide = slow_slide(series.values, series.floor)
        if slide is not None:
            yield _slide(newest, series, slide, known, group)


def _slide(newest: _Output, series: _Series, slide: Slide, known: _Known, group: Group) -> TrendUse:
    breaks, left = _breaks(series, slide, group)
    rising = slide.slope > 0
    earlier = any(
        _same(t, series, "slide") and (t.now > t.before) is rising
        for _, trends in known.outputs
        for t in trends
    )
    return _use(
        newest,
        series,
        kind="slide",
        before=slide.start,
        new=not earlier or (left is not None and left <= SOON),
        breaks=breaks,
        left=left,
        words=slide_words(series.feature, series.measure, series.values, slide, breaks, left),
    )


def _use(newest: _Output, series: _Series, **more: object) -> TrendUse:
    return TrendUse.model_validate(
        {
            "set": newest.group,
            "feature": series.feature,
            "measure": series.measure,
            "now": series.values[-1],
            "runs": len(series.values) - 1,
            **more,
        }
    )


def _same(told: TrendUse, series: _Series, kind: str) -> bool:
    return (told.feature, told.measure, told.kind) == (series.feature, series.measure, kind)


def _strength(trend: TrendUse) -> tuple[bool, float]:
    moved = abs(trend.now - trend.before)
    usual = trend.deviation if trend.deviation is not None else abs(trend.before)
    return trend.breaks is not None, moved / usual if usual else math.inf


def _breaks(series: _Series, slide: Slide, group: Group) -> tuple[str | None, int | None]:
    """An expectation that a slide leads over, and in how many runs; the next one of several."""
    found = []
    for e in _expectations(group):
        column = e.columns[0] if e.columns else None
        mine = None if series.feature is None else series.feature.rpartition(".")[2]
        if _CHECKED.get(e.kind) != series.measure or column != mine or e.bound is None:
            continue
        upper, lower = e.op in ("<", "<="), e.op in (">", ">=")
        bound = float(e.bound)  # type: ignore[arg-type]
        away = bound - slide.end
        if (upper and slide.slope > 0 < away) or (lower and slide.slope < 0 > away):
            left = math.ceil(away / slide.slope)
            if left <= LONGEST:
                found.append((left, " ".join(e.text.removeprefix("expect ").split())))
    if not found:
        return None, None
    left, text = min(found)
    return text, left


def _expectations(group: Group) -> Iterable[Expectation]:
    yield from group.expectations
    for member in group.members.values():
        yield from member.expectations


# Measures.


def _all_series(newest: _Output, known: _Known) -> Iterator[_Series]:
    """Measures of the set and its features, as far back as they meant the same."""
    past = [o for o, _ in reversed(known.outputs)]
    names = {p.feature.rpartition(".")[2] for p in newest.profile}
    keys = _prints(newest, exclude=names)
    rows = [o.rows for o in past if keys.items() <= _prints(o).items()]
    yield _Series(None, ROWS, [*rows, newest.rows], _count_floor(rows, 0.01))
    prints = _prints(newest)
    earlier: dict[str, list[_Profile]] = {}
    for output in past:
        meant = _prints(output)
        for p in output.profile:
            short = p.feature.rpartition(".")[2]
            if short in prints and meant.get(short) == prints[short]:
                earlier.setdefault(p.feature, []).append(p)
    for p in newest.profile:
        history = [h for h in earlier.get(p.feature, ()) if h.rows]
        if p.rows and len(history) >= LEAST_SHIFT:
            yield from _feature_series(p, history)


def _prints(output: _Output, exclude: Iterable[str] = ()) -> dict[str, str | None]:
    left_out = set(exclude)
    return {c.name: c.fingerprint for c in output.columns if c.name not in left_out}


def _feature_series(newest: _Profile, history: Sequence[_Profile]) -> Iterator[_Series]:
    name, runs = newest.feature, [*history, newest]
    shares = [p.nulls / p.rows for p in runs]
    yield _Series(name, NULLS, shares, _share_floor(shares[:-1], [p.rows for p in history]))
    distinct = [p.distinct for p in runs]
    yield _Series(name, DISTINCT, distinct, _count_floor(distinct[:-1], 0.03))
    means = [p.mean for p in runs if p.mean is not None]
    if newest.mean is not None and newest.dtype == Kind.BOOL.value:
        known = [p.rows - p.nulls for p in history]
        yield _Series(name, SHARE, means, _share_floor(means[:-1], known))
        return
    whole = [p for p in runs if p.mean is not None and QUANTILES.keys() <= p.quantiles.keys()]
    if not whole or whole[-1] is not newest or len(whole) <= LEAST_SHIFT:
        return
    spread = median(p.quantiles["0.95"] - p.quantiles["0.05"] for p in whole[:-1])
    size = median(max(p.rows - p.nulls, 1) for p in whole[:-1])
    drawn = median(p.sampled or max(p.rows - p.nulls, 1) for p in whole[:-1])
    # Of a normal distribution, 90% of values lie in a range of 3.29 standard deviations.
    one = spread / 3.29
    means = [p.mean for p in whole if p.mean is not None]
    floor = max(0.01 * (spread or abs(median(means[:-1]))), one / math.sqrt(size))
    if floor:
        yield _Series(name, MEAN, means, floor)
    # A standard error of a 5% quantile is about 2.1 standard deviations through the root of n.
    step = 1 / 3 if newest.dtype == Kind.INT.value else 0.0
    for key, measure in QUANTILES.items():
        values = [p.quantiles[key] for p in whole]
        width = 0.05 * (spread or abs(median(values[:-1])))
        floor = max(width, 2.1 * one / math.sqrt(drawn), step)
        if floor:
            yield _Series(name, measure, values, floor)


def _count_floor(history: Sequence[float], share: float) -> float:
    """What a count may differ by: a share of it, at least as much as counts of chance do."""
    usual = median(history) if history else 0
    return max(share * usual, math.sqrt(usual), 1.0)


def _share_floor(shares: Sequence[float], rows: Sequence[int]) -> float:
    """What a share may differ by: a thousandth, at least as much as by chance in so many rows."""
    if not shares or not rows:
        return 1.0
    size, usual = median(max(n, 1) for n in rows), median(shares)
    by_chance = math.sqrt(max(usual * (1 - usual), 1 / size) / size)
    return max(0.001, by_chance)
