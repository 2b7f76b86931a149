"""What each aggregate makes of rows, from `docs/language/aggregates.md`: exact, then rounded."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

from featdsl.types.dtype import DType, Kind
from tests.property.scalars import Value, held, micros

_DAY = 86_400_000_000
_LARGEST, _LEAST_VARIANCE = 1e60, 1e-100


@dataclass(frozen=True)
class Rows:
    """The rows that count, oldest first: arguments (constants too), and the times of rows."""

    args: list[tuple[Value, ...]]
    dtypes: tuple[DType, ...]
    dtype: DType
    times: list[datetime | None]
    as_of: datetime

    @property
    def known(self) -> list[Value]:
        return [a[0] for a in self.args if a[0] is not None]

    @property
    def floats(self) -> list[float]:
        return [float(x) for x in self.known]

    @property
    def pairs(self) -> list[tuple[float, float]]:
        return [(float(x), float(y)) for x, y in self.args if x is not None and y is not None]

    @property
    def of_duration(self) -> bool:
        return self.dtypes[0].kind is Kind.DURATION


def aggregate(name: str, rows: Rows) -> Value:
    """The value of an aggregate of rows."""
    return held(_AGGREGATES[name](rows), rows.dtype)


def rank(value: Value) -> Any:
    """A value that orders the others; null sorts after every one."""
    if isinstance(value, date):
        value = micros(value)
    return (value is None, 0 if value is None else value)


def mean(xs: Sequence[float | int]) -> Fraction:
    return sum(map(Fraction, xs), Fraction(0)) / len(xs)


def moment(xs: Sequence[float], k: int) -> Fraction:
    m = mean(xs)
    return mean([(Fraction(x) - m) ** k for x in xs])


def product(pairs: Sequence[tuple[float, float]]) -> Fraction:
    """Distances from the means, multiplied and summed."""
    mx, my = mean([x for x, _ in pairs]), mean([y for _, y in pairs])
    return sum(((Fraction(x) - mx) * (Fraction(y) - my) for x, y in pairs), Fraction(0))


def as_float(x: Fraction) -> float | None:
    """The nearest float, null outside of the range."""
    try:
        return float(x)
    except OverflowError:
        return None


def nearest(x: Fraction) -> int:
    """Half away from zero."""
    whole = math.floor(abs(x) + Fraction(1, 2))
    return whole if x >= 0 else -whole


def _sum(rows: Rows) -> Value:
    xs = rows.known
    if not xs:
        return None
    if isinstance(xs[0], float):
        return as_float(sum(map(Fraction, xs), Fraction(0)))
    with localcontext() as context:
        context.prec = 200
        return sum(xs[1:], start=xs[0])


def _avg(rows: Rows) -> Value:
    xs = rows.known
    if not xs:
        return None
    if rows.of_duration:
        return nearest(mean(xs))
    if isinstance(xs[0], float):
        total = as_float(sum(map(Fraction, xs), Fraction(0)))
        return None if total is None else total / len(xs)
    return float(sum(xs, start=Decimal(0))) / len(xs)


def _variance(rows: Rows, ddof: int) -> float | None:
    xs = rows.floats
    if len(xs) <= ddof:
        return None
    return as_float(moment(xs, 2) * len(xs) / (len(xs) - ddof))


def _root(x: float | None) -> float | None:
    return None if x is None else math.sqrt(x)


def _quantile(rows: Rows, q: Value) -> Value:
    xs = sorted(map(Fraction, rows.floats))
    if not xs:
        return None
    h = Fraction(str(q)) * (len(xs) - 1)
    low = math.floor(h)
    x = xs[low] + (xs[min(low + 1, len(xs) - 1)] - xs[low]) * (h - low)
    return nearest(x) if rows.of_duration else as_float(x)


def _powers_hold(rows: Rows) -> bool:
    xs = rows.floats
    if rows.dtypes[0].kind is not Kind.FLOAT:
        return True
    return max(map(abs, xs)) <= _LARGEST and moment(xs, 2) >= _LEAST_VARIANCE


def _skewness(rows: Rows) -> float | None:
    xs, n = rows.floats, len(rows.known)
    if n < 3 or moment(xs, 2) == 0 or not _powers_hold(rows):
        return None
    return math.sqrt(n * (n - 1)) / (n - 2) * float(moment(xs, 3)) / float(moment(xs, 2)) ** 1.5


def _kurtosis(rows: Rows) -> float | None:
    xs, n = rows.floats, len(rows.known)
    if n < 4 or moment(xs, 2) == 0 or not _powers_hold(rows):
        return None
    excess = (n + 1) * (moment(xs, 4) / moment(xs, 2) ** 2 - 3) + 6
    return float(Fraction(n - 1, (n - 2) * (n - 3)) * excess)


def _corr(rows: Rows) -> float | None:
    pairs = rows.pairs
    if len({x for x, _ in pairs}) < 2 or len({y for _, y in pairs}) < 2:
        return None
    xx, yy = product([(x, x) for x, _ in pairs]), product([(y, y) for _, y in pairs])
    if as_float(xx) is None or as_float(yy) is None or as_float(xx * yy) is None:
        return None
    return float(product(pairs)) / math.sqrt(xx * yy)


def _covar(rows: Rows) -> float | None:
    pairs = rows.pairs
    return as_float(product(pairs) / (len(pairs) - 1)) if len(pairs) > 1 else None


def _slope(rows: Rows) -> float | None:
    known = [
        (Fraction(micros(time) - micros(rows.as_of), _DAY), float(a[0]))
        for a, time in zip(rows.args, rows.times, strict=True)
        if a[0] is not None and time is not None
    ]
    if len({t for t, _ in known}) < 2:
        return None
    return as_float(product(known) / product([(t, t) for t, _ in known]))


def _ewm_sum(rows: Rows) -> float | None:
    ages = [
        ((micros(rows.as_of) - micros(time)) / a[1], float(a[0]))
        for a, time in zip(rows.args, rows.times, strict=True)
        if a[0] is not None and time is not None
    ]
    return math.fsum(x * 0.5**age for age, x in ages) if ages else None


def _entropy(rows: Rows) -> float | None:
    xs = rows.known
    shares = [n / len(xs) for n in Counter(xs).values()]
    return -math.fsum(p * math.log(p) for p in shares) if xs else None


def _by(rows: Rows, *, largest: bool) -> Value:
    """x of the least or the largest y; of several the oldest."""
    known = [a for a in rows.args if a[0] is not None and a[1] is not None]
    if not known:
        return None
    wanted = (max if largest else min)(rank(y) for _, y in known)
    return next(x for x, y in known if rank(y) == wanted)


def _mode(rows: Rows) -> Value:
    counts = Counter(rows.known)
    return min(counts, key=lambda x: (-counts[x], rank(x))) if counts else None


_AGGREGATES: dict[str, Callable[[Rows], Value]] = {
    "count": lambda rows: sum(not a or a[0] is not None for a in rows.args),
    "count_distinct": lambda rows: len(set(rows.known)),
    "approx_count_distinct": lambda rows: len(set(rows.known)),
    "exists": lambda rows: bool(rows.args),
    "sum": _sum,
    "avg": _avg,
    "min": lambda rows: min(rows.known, key=rank, default=None),
    "max": lambda rows: max(rows.known, key=rank, default=None),
    "first": lambda rows: next(iter(rows.known), None),
    "last": lambda rows: next(reversed(rows.known), None),
    "min_by": lambda rows: _by(rows, largest=False),
    "max_by": lambda rows: _by(rows, largest=True),
    "mode": _mode,
    "any": lambda rows: any(rows.known) if rows.known else None,
    "all": lambda rows: all(rows.known) if rows.known else None,
    "ratio": lambda rows: sum(rows.known) / len(rows.known) if rows.known else None,
    "variance": lambda rows: _variance(rows, 1),
    "variance_pop": lambda rows: _variance(rows, 0),
    "stddev": lambda rows: _root(_variance(rows, 1)),
    "stddev_pop": lambda rows: _root(_variance(rows, 0)),
    "median": lambda rows: _quantile(rows, Decimal("0.5")),
    "quantile": lambda rows: _quantile(rows, rows.args[0][1]) if rows.args else None,
    "skewness": _skewness,
    "kurtosis": _kurtosis,
    "corr": _corr,
    "covar": _covar,
    "slope": _slope,
    "ewm_sum": _ewm_sum,
    "entropy": _entropy,
}
AGGREGATES = frozenset(_AGGREGATES)
