"""The aggregates of docs/language, from their definitions: plain loops over Python values.

Values come oldest first. None is left out by everything, and of nothing the answer is None.
Whole numbers and decimals stay exact as long as they can.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

DAY = 86_400_000_000  # microseconds


def known(values: Iterable[Any]) -> list[Any]:
    return [value for value in values if value is not None]


def divide(a: Any, b: Any) -> float | None:
    if a is None or b is None or b == 0:
        return None
    if isinstance(a, float) or isinstance(b, float):
        return a / b
    return float(Fraction(a) / Fraction(b))


def subtract(a: Any, b: Any) -> Any:
    return None if a is None or b is None else a - b


def total(values: Iterable[Any]) -> Any:
    values = known(values)
    if not values:
        return None
    if isinstance(values[0], float):
        return math.fsum(values)
    result = values[0]
    for value in values[1:]:
        result += value
    return result


def mean(values: Iterable[Any]) -> float | None:
    values = known(values)
    return divide(total(values), len(values))


def ratio(conditions: Iterable[bool | None]) -> float | None:
    conditions = known(conditions)
    return divide(sum(1 for condition in conditions if condition), len(conditions))


def count_distinct(values: Iterable[Any]) -> int:
    return len(set(known(values)))


def least(values: Iterable[Any]) -> Any:
    return min(known(values), default=None)


def greatest(values: Iterable[Any]) -> Any:
    return max(known(values), default=None)


def first(values: Iterable[Any]) -> Any:
    return next(iter(known(values)), None)


def last(values: Iterable[Any]) -> Any:
    return next(iter(reversed(known(values))), None)


def min_by(pairs: Iterable[tuple[Any, Any]]) -> Any:
    """The x of the smallest y; of equal ones the earliest."""
    best: tuple[Any, Any] | None = None
    for x, y in pairs:
        if y is not None and x is not None and (best is None or y < best[1]):
            best = (x, y)
    return None if best is None else best[0]


def max_by(pairs: Iterable[tuple[Any, Any]]) -> Any:
    """The x of the largest y; of equal ones the earliest."""
    best: tuple[Any, Any] | None = None
    for x, y in pairs:
        if y is not None and x is not None and (best is None or y > best[1]):
            best = (x, y)
    return None if best is None else best[0]


def mode(values: Iterable[Any]) -> Any:
    """The commonest value; of equally common ones the smaller."""
    counts = Counter(known(values))
    return min(counts, key=lambda value: (-counts[value], value)) if counts else None


def collect(values: Iterable[Any], last: int) -> list[Any] | None:
    """The newest, oldest first."""
    return known(values)[-last:] or None


def collect_distinct(values: Iterable[Any], last: int) -> list[Any] | None:
    """The newest different ones, oldest first: each stands where it was seen last."""
    newest_first: list[Any] = []
    for value in reversed(known(values)):
        if value not in newest_first:
            newest_first.append(value)
    return newest_first[:last][::-1] or None


def counts(values: Iterable[Any]) -> dict[Any, int] | None:
    """How often each occurs."""
    return dict(Counter(known(values))) or None


def top(values: Iterable[Any], k: int) -> list[Any] | None:
    """The most frequent, of equals the smaller first."""
    found = counts(values)
    return found and sorted(found, key=lambda v: (-found[v], v))[:k]


def streak(numbers: set[int], now: int) -> int | None:
    """How many numbers there are in a row, down from now or from the one before."""
    if not numbers:
        return None
    first = now if now in numbers else now - 1
    return next(i for i in range(len(numbers) + 1) if first - i not in numbers)


def longest_streak(numbers: set[int]) -> int | None:
    """The most numbers in a row."""
    runs = [next(i for i in range(len(numbers) + 1) if n + i not in numbers) for n in numbers]
    return max(runs) if runs else None


def last_in_a_row(conditions: Iterable[bool | None]) -> int | None:
    """How many at the end are true, the unknown left out."""
    found = known(conditions)
    return len(found) - max((i + 1 for i, c in enumerate(found) if not c), default=0) or (
        0 if found else None
    )


def any_of(conditions: Iterable[bool | None]) -> bool | None:
    conditions = known(conditions)
    return any(conditions) if conditions else None


def all_of(conditions: Iterable[bool | None]) -> bool | None:
    conditions = known(conditions)
    return all(conditions) if conditions else None


def quantile(values: Iterable[Any], share: Fraction) -> float | None:
    """Between the two neighbours of position (n - 1) * share."""
    ordered = sorted(known(values))
    if not ordered:
        return None
    position = (len(ordered) - 1) * share
    below = math.floor(position)
    part = position - below
    low = Fraction(ordered[below])
    high = Fraction(ordered[min(below + 1, len(ordered) - 1)])
    return float(low + (high - low) * part)


def median(values: Iterable[Any]) -> float | None:
    return quantile(values, Fraction(1, 2))


def _deviations(values: Sequence[Any]) -> list[float]:
    if isinstance(values[0], float):
        centre = math.fsum(values) / len(values)
        return [value - centre for value in values]
    exact = Fraction(sum(values), len(values))
    whole = math.floor(exact)
    rest = float(exact - whole)
    return [float(value - whole) - rest for value in values]


def _moment(values: Sequence[Any], power: int) -> float:
    """Sum of the deviations' powers: 0 exactly when all values are equal."""
    if all(value == values[0] for value in values):
        return 0.0
    return math.fsum(deviation**power for deviation in _deviations(values))


def variance(values: Iterable[Any], *, sample: bool = True) -> float | None:
    values = known(values)
    count = len(values) - (1 if sample else 0)
    return None if count < 1 else _moment(values, 2) / count


def stddev(values: Iterable[Any], *, sample: bool = True) -> float | None:
    result = variance(values, sample=sample)
    return None if result is None else math.sqrt(result)


def skewness(values: Iterable[Any]) -> float | None:
    values = known(values)
    n = len(values)
    if n < 3 or (second := _moment(values, 2) / n) == 0:
        return None
    third = _moment(values, 3) / n
    return math.sqrt(n * (n - 1)) / (n - 2) * third / second**1.5


def kurtosis(values: Iterable[Any]) -> float | None:
    values = known(values)
    n = len(values)
    if n < 4 or (second := _moment(values, 2) / n) == 0:
        return None
    excess = _moment(values, 4) / n / second**2 - 3
    return (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * excess + 6)


def _co_moment(pairs: Sequence[tuple[Any, Any]]) -> float:
    xs = _deviations([x for x, _ in pairs])
    ys = _deviations([y for _, y in pairs])
    return math.fsum(x * y for x, y in zip(xs, ys, strict=True))


def _both(pairs: Iterable[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    return [(x, y) for x, y in pairs if x is not None and y is not None]


def covariance(pairs: Iterable[tuple[Any, Any]]) -> float | None:
    """Of a sample: divided by n - 1."""
    pairs = _both(pairs)
    return None if len(pairs) < 2 else _co_moment(pairs) / (len(pairs) - 1)


def correlation(pairs: Iterable[tuple[Any, Any]]) -> float | None:
    pairs = _both(pairs)
    if len(pairs) < 2:
        return None
    spread = _moment([x for x, _ in pairs], 2) * _moment([y for _, y in pairs], 2)
    return divide(_co_moment(pairs), math.sqrt(spread))


def slope(points: Iterable[tuple[int, Any]]) -> float | None:
    """Change of y for each day; points are (microseconds, y)."""
    points = _both(points)
    if len({time for time, _ in points}) < 2:
        return None
    times = [time for time, _ in points]
    # Whole numbers throughout, so that nothing cancels.
    ys = [Fraction(y) for _, y in points]
    scale = math.lcm(*(y.denominator for y in ys))
    wholes = [y.numerator * (scale // y.denominator) for y in ys]
    n = len(points)
    top = n * sum(x * y for x, y in zip(times, wholes, strict=True)) - sum(times) * sum(wholes)
    bottom = n * sum(x * x for x in times) - sum(times) ** 2
    return float(Fraction(top * DAY, bottom * scale))


def entropy(values: Iterable[Any]) -> float | None:
    """Shannon's, in nats."""
    counts = Counter(known(values))
    n = sum(counts.values())
    if n == 0:
        return None
    if len(counts) == 1:
        return 0.0
    return -math.fsum(count / n * math.log(count / n) for count in counts.values())


def whole_units(later: int | None, earlier: int | None, unit: int) -> int | None:
    """Full units of time from the earlier to the later, floored."""
    if later is None or earlier is None:
        return None
    return (later - earlier) // unit


def bucket(value: Any, bounds: Sequence[Any]) -> int | None:
    return None if value is None else sum(1 for bound in bounds if value >= bound)


def default(value: Any, fallback: Any) -> Any:
    return fallback if value is None else value


def either(*conditions: bool | None) -> bool | None:
    """SQL's ``or``: true wins, then null."""
    if any(condition is True for condition in conditions):
        return True
    return None if any(condition is None for condition in conditions) else False


ZERO = Decimal(0)
