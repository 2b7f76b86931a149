"""What the values of an output look like: counts, range, quantiles, a small histogram."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlglot import exp

from featdsl.engines.duckdb import Session
from featdsl.ir.program import Feature
from featdsl.sql import build, statements
from featdsl.store.record import Bin, FeatureProfile, TopValue
from featdsl.types.dtype import Kind

SAMPLE = 20_000
"""Rows that quantiles, histograms and top values are taken from, about, where there are more."""

BINS = 20
TOP = 10
QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
_MAX_TEXT = 80
_EXACT = 2**53
_NUMBERS = frozenset({Kind.INT, Kind.FLOAT, Kind.DECIMAL, Kind.DURATION})
_RANGED = _NUMBERS | {Kind.TEXT, Kind.DATE, Kind.TIMESTAMP}
_TOPS = frozenset({Kind.TEXT, Kind.BOOL})


@dataclass(frozen=True, slots=True)
class Profiled:
    """An output to profile; ``hidden`` features have personal data, and show no values."""

    relation: exp.Expr
    rows: int
    keys: Sequence[str]
    features: Sequence[Feature]
    hidden: frozenset[str]


def profile_output(session: Session, output: Profiled) -> tuple[FeatureProfile, ...]:
    """Profile every feature of an output, in two statements.

    Raises:
        EngineError: a measure cannot be computed.
    """
    if not output.features:
        return ()
    measured = _measure(session, output)
    sample, sampled = _sample(session, output)
    return tuple(_profile(f, output, measured, sample, sampled) for f in output.features)


def _kind(feature: Feature) -> Kind:
    return feature.dtype.kind


def _measure(session: Session, output: Profiled) -> dict[str, Any]:
    aggregates: dict[str, exp.Expr] = {}
    for f in output.features:
        column = build.col(f.short)
        aggregates[f"count {f.name}"] = exp.Count(this=column)
        aggregates[f"distinct {f.name}"] = build.func("approx_count_distinct", column.copy())
        if f.name in output.hidden:
            continue
        if _kind(f) in _RANGED:
            aggregates[f"min {f.name}"] = exp.Min(this=column.copy())
            aggregates[f"max {f.name}"] = exp.Max(this=column.copy())
        if _kind(f) in _NUMBERS | {Kind.BOOL}:
            number = exp.cast(_number(column.copy(), f), exp.DataType.Type.DOUBLE)
            aggregates[f"mean {f.name}"] = exp.Avg(this=number)
    query = exp.Select(expressions=list(aggregates.values())).from_(output.relation.copy())
    found = session.execute(query, doing="profiling")
    return dict(zip(aggregates, found[0], strict=True))


def _number(column: exp.Expr, feature: Feature) -> exp.Expr:
    if _kind(feature) is Kind.BOOL:
        return exp.cast(column, exp.DataType.Type.INT)
    return column


def _sample(session: Session, output: Profiled) -> tuple[Mapping[str, Any], int | None]:
    """Columns of numbers, texts and truths, of all rows or of some that a hash of the key picks."""
    wanted = [
        f for f in output.features if f.name not in output.hidden and _kind(f) in _NUMBERS | _TOPS
    ]
    if not wanted:
        return {}, None
    values: list[exp.Expr] = []
    for f in wanted:
        column: exp.Expr = build.col(f.short)
        if _kind(f) in _NUMBERS:
            column = exp.cast(column, exp.DataType.Type.DOUBLE)
        values.append(statements.named(column, f.name))
    query = exp.Select(expressions=values).from_(output.relation.copy())
    every = math.ceil(output.rows / SAMPLE)
    if every > 1 and output.keys:
        digest = build.func("hash", *[build.col(k) for k in output.keys])
        picked = exp.Mod(this=digest, expression=build.number(every))
        query = query.where(exp.EQ(this=picked, expression=build.number(0)))
        found = session.arrays(query, doing="profiling")
        return found, len(next(iter(found.values())))
    return session.arrays(query, doing="profiling"), None


def _profile(
    feature: Feature,
    output: Profiled,
    measured: Mapping[str, Any],
    sample: Mapping[str, Any],
    sampled: int | None,
) -> FeatureProfile:
    name = feature.name
    values = sample.get(name)
    low, high = measured.get(f"min {name}"), measured.get(f"max {name}")
    mean = measured.get(f"mean {name}")
    quantiles: dict[str, float] = {}
    bins: tuple[Bin, ...] = ()
    top: tuple[TopValue, ...] = ()
    if values is not None and _kind(feature) in _NUMBERS and low is not None and high is not None:
        quantiles, bins = _distribution(values, float(low), float(high))
    if values is not None and _kind(feature) in _TOPS:
        top = _most_frequent(values)
    return FeatureProfile(
        feature=name,
        dtype=str(feature.dtype),
        rows=output.rows,
        nulls=output.rows - int(measured[f"count {name}"]),
        distinct=int(measured[f"distinct {name}"]),
        minimum=_plain(low),
        maximum=_plain(high),
        mean=None if mean is None else float(mean),
        quantiles=quantiles,
        histogram=bins,
        top=top,
        sampled=sampled if quantiles or top else None,
    )


def _distribution(values: Any, low: float, high: float) -> tuple[dict[str, float], tuple[Bin, ...]]:
    """Quantiles and bins of equal width from the smallest value to the largest."""
    import numpy as np

    present = np.ma.compressed(values) if isinstance(values, np.ma.MaskedArray) else values
    present = present[np.isfinite(present)]
    if not len(present):
        return {}, ()
    quantiles = {
        f"{q:g}": float(v) for q, v in zip(QUANTILES, np.quantile(present, QUANTILES), strict=True)
    }
    if not high > low or not math.isfinite(high - low):
        return quantiles, (Bin(low=low, high=high, rows=len(present)),)
    counts, edges = np.histogram(present, bins=BINS, range=(low, high))
    bins = tuple(
        Bin(low=float(edges[i]), high=float(edges[i + 1]), rows=int(n))
        for i, n in enumerate(counts)
    )
    return quantiles, bins


def _most_frequent(values: Any) -> tuple[TopValue, ...]:
    import numpy as np

    present = np.ma.compressed(values) if isinstance(values, np.ma.MaskedArray) else values
    counted = Counter(_text(v) for v in present.tolist() if v is not None)
    ordered = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    return tuple(TopValue(value=value, rows=rows) for value, rows in ordered[:TOP])


def _text(value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT]}…"


def _plain(value: Any) -> float | str | None:
    """A value as JSON holds it without loss, as far as a reader's floats go."""
    match value:
        case None:
            return None
        case Decimal():
            exact = value == Decimal(str(float(value)))
            return float(value) if exact else format(value, "f")
        case int():
            return value if abs(value) <= _EXACT else str(value)
        case float():
            return value if math.isfinite(value) else None
        case datetime() | date():
            return value.isoformat()
        case _:
            return _text(value)
