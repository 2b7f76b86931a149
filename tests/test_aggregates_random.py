"""Every aggregate against a plain loop: random rows of many groups, on several threads."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import duckdb
import pytest

from featdsl.aggregates.registry import aggregates
from featdsl.aggregates.spec import Aggregate, Inputs
from featdsl.sql import build
from featdsl.types.dtype import BOOL, DURATION, FLOAT, INT, TEXT, TIMESTAMP, list_of
from featdsl.types.duration import Duration

AS_OF = datetime(2024, 3, 1, 12)
ZONE = "Asia/Kolkata"  # half an hour beside the hour
DAY_US = 86_400_000_000
TYPES = {"x": INT, "y": INT, "f": FLOAT, "s": TEXT, "p": BOOL, "t": TIMESTAMP, "v": list_of(FLOAT)}
Row = dict[str, object]


def mean(xs: Sequence[float]) -> Fraction:
    return sum(map(Fraction, xs), Fraction(0)) / len(xs)


def moment(xs: Sequence[float], k: int) -> Fraction:
    m = mean(xs)
    return mean([(Fraction(x) - m) ** k for x in xs])


def product(xs: Sequence[float], ys: Sequence[float]) -> Fraction:
    mx, my = mean(xs), mean(ys)
    return sum((Fraction(x) - mx) * (Fraction(y) - my) for x, y in zip(xs, ys, strict=True))


def variance(xs, ddof):
    return float(moment(xs, 2) * len(xs) / (len(xs) - ddof)) if len(xs) > ddof else None


def root(v):
    return None if v is None else math.sqrt(v)


def quantile(xs, q):
    xs, h = sorted(xs), q * (len(xs) - 1)
    low = math.floor(h)
    high = min(low + 1, len(xs) - 1)
    return float(xs[low] + (xs[high] - xs[low]) * (h - low))


def skewness(xs):
    n, m2 = len(xs), moment(xs, 2) if xs else 0
    if n < 3 or m2 == 0:
        return None
    return math.sqrt(n * (n - 1)) / (n - 2) * float(moment(xs, 3)) / float(m2) ** 1.5


def kurtosis(xs):
    n, m2 = len(xs), moment(xs, 2) if xs else 0
    if n < 4 or m2 == 0:
        return None
    return float(Fraction(n - 1, (n - 2) * (n - 3)) * ((n + 1) * (moment(xs, 4) / m2**2 - 3) + 6))


def corr(pairs):
    xs, ys = [x for x, _ in pairs], [y for _, y in pairs]
    if len(pairs) < 2 or len(set(xs)) < 2 or len(set(ys)) < 2:
        return None
    return float(product(xs, ys)) / math.sqrt(product(xs, xs) * product(ys, ys))


def slope(rows: list[Row], y: str):
    known = [(r["time"], r[y]) for r in rows if r[y] is not None]
    days = [Fraction((t - AS_OF) // timedelta(microseconds=1), DAY_US) for t, _ in known]
    if len(set(days)) < 2:
        return None
    return float(product(days, [v for _, v in known]) / product(days, days))


def entropy(xs):
    shares = [n / len(xs) for n in Counter(xs).values()]
    return -sum(p * math.log(p) for p in shares)


def ewm_sum(rows: list[Row], x: str, hours: int):
    ages = [((AS_OF - r["time"]) / timedelta(hours=hours), r[x]) for r in rows if r[x] is not None]
    return math.fsum(v * 0.5**a for a, v in ages)


def by(rows: list[Row], x: str, y: str, sign: int):
    known = [r for r in rows if r[x] is not None and r[y] is not None]
    order = {v: i * sign for i, v in enumerate(sorted({r[y] for r in known}))}
    return min(known, key=lambda r: (order[r[y]], r["time"], r["tie"]))[x] if known else None


def plain(reduce: Callable) -> Callable:
    """Of the non-null values; null for none."""

    def of(rows: list[Row], x: str):
        xs = [r[x] for r in rows if r[x] is not None]
        return reduce(xs) if xs else None

    return of


def pairs(reduce: Callable) -> Callable:
    def of(rows: list[Row], x: str, y: str):
        return reduce([(r[x], r[y]) for r in rows if r[x] is not None and r[y] is not None])

    return of


def listed(rows: list[Row], x: str, n: int | None = None):
    known = sorted((r for r in rows if r[x] is not None), key=lambda r: (r["time"], r["tie"]))
    return [r[x] for r in known][-(n or 0) :] or None


def distinct(rows: list[Row], x: str, n: int | None = None):
    found: dict[object, None] = {}
    for value in listed(rows, x) or []:
        found.pop(value, None)
        found[value] = None
    return list(found)[-(n or 0) :] or None


def ranked(rows: list[Row], x: str, k: int):
    counts = Counter(r[x] for r in rows if r[x] is not None)
    return [v for v, _ in sorted(counts.items(), key=lambda e: (-e[1], e[0]))][:k] or None


def streak(rows: list[Row], x: str, step: Duration | None = None):
    if step is None:
        found = listed(rows, x)
        return (
            None
            if found is None
            else next((i for i, p in enumerate(reversed(found)) if not p), len(found))
        )
    now = number(AS_OF, step)
    held = {n for n in numbers(rows, x, step) if n <= now}
    start = now if now in held else now - 1
    return next(i for i in range(len(held) + 1) if start - i not in held) if held else None


def longest_streak(rows: list[Row], x: str, step: Duration | None = None):
    if step is None:
        found = listed(rows, x)
        digits = "".join("1" if p else "0" for p in found or [])
        return None if found is None else max(map(len, digits.split("0")))
    held = numbers(rows, x, step)
    runs = [next(i for i in range(len(held) + 1) if n + i not in held) for n in held]
    return max(runs) if runs else None


def numbers(rows: list[Row], x: str, step: Duration) -> set[int]:
    return {number(r[x], step) for r in rows if r[x] is not None}


def number(time: datetime, step: Duration) -> int:
    """Of a day, week or month in the zone; of less than a day in UTC."""
    clock = time.replace(tzinfo=UTC).astimezone(ZoneInfo(ZONE))
    match str(step):
        case "1d":
            return clock.toordinal()
        case "1w":
            return (clock.toordinal() - 1) // 7  # 1 January of the year 1 was a Monday
        case "1month":
            return clock.year * 12 + clock.month
        case _:
            return (time - datetime(1970, 1, 1)) // timedelta(microseconds=step.micros)


def centre(rows: list[Row], x: str):
    vectors = [r[x] for r in rows if r[x] is not None and None not in r[x]]
    return [float(mean(c)) for c in zip(*vectors, strict=True)] if vectors else None


def oldest(rows: list[Row], x: str, *, newest: bool = False):
    known = sorted((r for r in rows if r[x] is not None), key=lambda r: (r["time"], r["tie"]))
    return known[-1 if newest else 0][x] if known else None


# The plain loop of an aggregate, and the columns (and constants) that it is called with.
PLAIN: dict[str, tuple[Callable, list[tuple]]] = {
    "count": (lambda rows, *x: sum(not x or r[x[0]] is not None for r in rows), [(), ("x",)]),
    "count_distinct": (
        lambda rows, x: len({r[x] for r in rows} - {None}),
        [("x",), ("f",), ("s",), ("p",)],
    ),
    "sum": (plain(sum), [("x",), ("f",)]),
    "avg": (plain(lambda xs: float(mean(xs))), [("x",), ("f",)]),
    "min": (plain(min), [("x",), ("f",), ("s",), ("p",)]),
    "max": (plain(max), [("x",), ("f",), ("s",), ("p",)]),
    "variance": (plain(lambda xs: variance(xs, 1)), [("x",), ("f",)]),
    "variance_pop": (plain(lambda xs: variance(xs, 0)), [("x",), ("f",)]),
    "stddev": (plain(lambda xs: root(variance(xs, 1))), [("x",), ("f",)]),
    "stddev_pop": (plain(lambda xs: root(variance(xs, 0))), [("x",), ("f",)]),
    "median": (plain(lambda xs: quantile(xs, 0.5)), [("x",), ("f",)]),
    "quantile": (
        lambda rows, x, q: plain(lambda xs: quantile(xs, q))(rows, x),
        [("x", 0.9), ("f", 0.25)],
    ),
    "skewness": (plain(skewness), [("x",), ("f",)]),
    "kurtosis": (plain(kurtosis), [("x",), ("f",)]),
    "first": (oldest, [("x",), ("s",)]),
    "last": (lambda rows, x: oldest(rows, x, newest=True), [("x",), ("s",)]),
    "min_by": (lambda rows, x, y: by(rows, x, y, 1), [("x", "y"), ("s", "s"), ("f", "p")]),
    "max_by": (lambda rows, x, y: by(rows, x, y, -1), [("x", "y"), ("x", "s"), ("f", "p")]),
    "mode": (
        plain(lambda xs: min(Counter(xs).items(), key=lambda e: (-e[1], e[0]))[0]),
        [("x",), ("f",), ("s",), ("p",)],
    ),
    "collect": (listed, [("x",), ("s", 3), ("f", 1), ("p", 100)]),
    "collect_distinct": (distinct, [("x",), ("s", 3), ("f", 1), ("p", 100)]),
    "top_k": (ranked, [("x", 3), ("s", 2), ("f", 100), ("p", 1)]),
    "histogram": (
        plain(lambda xs: dict(sorted(Counter(xs).items()))),
        [("x",), ("f",), ("s",), ("p",)],
    ),
    "approx_quantile": (
        lambda rows, x, q: plain(lambda xs: quantile(xs, q))(rows, x),
        [("x", 0.9)],
    ),
    "streak": (
        streak,
        [("p",), *(("t", Duration(n, u)) for n, u in ((1, "d"), (1, "w"), (1, "month"), (6, "h")))],
    ),
    "longest_streak": (
        longest_streak,
        [("p",), *(("t", Duration(n, u)) for n, u in ((1, "d"), (1, "w"), (1, "month"), (6, "h")))],
    ),
    "vec_avg": (centre, [("v",)]),
    "any": (plain(any), [("p",)]),
    "all": (plain(all), [("p",)]),
    "ratio": (plain(lambda ps: sum(ps) / len(ps)), [("p",)]),
    "exists": (lambda rows: bool(rows), [()]),
    "slope": (slope, [("x",), ("f",)]),
    "corr": (pairs(corr), [("x", "y"), ("f", "x")]),
    "covar": (
        pairs(
            lambda found: (
                float(product(*zip(*found, strict=True)) / (len(found) - 1))
                if len(found) > 1
                else None
            )
        ),
        [("x", "y"), ("f", "x")],
    ),
    "entropy": (plain(entropy), [("x",), ("s",), ("p",)]),
    "ewm_sum": (
        lambda rows, x, hours: plain(lambda _: ewm_sum(rows, x, hours))(rows, x),
        [("x", 30), ("f", 500)],
    ),
    # Few values are counted exactly but for collisions: tested for its tolerance elsewhere.
    "approx_count_distinct": (lambda rows, x: len({r[x] for r in rows} - {None}), [("p",)]),
}
CASES = [
    pytest.param(aggregates()[name], call, condition, id=f"{name}{call}{'-where' * condition}")
    for name, (_, calls) in PLAIN.items()
    for call in calls
    for condition in (False, True)
]


def drawn(seed: int, n: int) -> list[Row]:
    """Rows of 40 groups from 0 to many rows, with ties in time and in values, and nulls."""
    r = random.Random(seed)

    def maybe(value):
        return None if r.random() < 0.15 else value

    return [
        {
            "k": min(int(r.expovariate(0.15)), 39),
            "time": AS_OF - timedelta(hours=r.randint(1, 400), microseconds=r.randint(0, 1) * 7),
            "tie": i * 7919 % n,
            "counts": r.choice([True, True, False, None]),
            "x": maybe(r.randint(-5, 5)),
            "y": maybe(r.randint(0, 3)),
            "f": maybe(r.choice([0.1, 0.25, 1e6 + r.random(), -r.random()])),
            "s": maybe(r.choice(["", "a", "ab", "B", "é", "🦆"])),
            "p": maybe(r.random() < 0.4),
            "t": maybe(AS_OF - timedelta(hours=int(r.expovariate(0.02)) - 40)),
            "v": maybe([r.choice([1.5, -2.0, 1e6]), maybe(r.random()), 0.1]),
        }
        for i in range(n)
    ]


ROWS = drawn(11, 2_000)


@pytest.fixture(scope="module")
def engine():
    with duckdb.connect(config={"threads": 2}) as connection:
        columns = ", ".join(f"{c} {build.sql_type(t).sql('duckdb')}" for c, t in TYPES.items())
        connection.execute(
            f"create table rows (k int, time timestamp, tie bigint, counts boolean, {columns})"
        )
        connection.execute("begin")
        connection.executemany(
            f"insert into rows values ({', '.join('?' * 11)})", [tuple(r.values()) for r in ROWS]
        )
        connection.execute("commit")
        yield connection


def lowered(aggregate: Aggregate, call: tuple, *, condition: bool) -> str:
    return aggregate.lower(given(aggregate, call, condition=condition)).sql("duckdb")


def given(aggregate: Aggregate, call: tuple, *, condition: bool) -> Inputs:
    """What an aggregate is lowered from, for a call over the rows."""
    columns = [c for c in call if isinstance(c, str)]
    args, dtypes = [build.col(c) for c in columns], [TYPES[c] for c in columns]
    known: list[object] = [None] * len(columns)
    for constant in call[len(columns) :]:
        if aggregate.name == "ewm_sum":
            constant = Duration(constant, "h")
        lengths = isinstance(constant, Duration)
        dtypes.append(DURATION if lengths else INT if isinstance(constant, int) else FLOAT)
        calendar = lengths and constant.is_calendar
        args.append(build.null() if calendar else build.literal(constant, dtypes[-1]))
        known.append(constant)
    return Inputs(
        args=tuple(args),
        constants=tuple(known),
        timezone=ZONE,
        dtypes=tuple(dtypes),
        condition=build.col("counts") if condition else None,
        order=build.func("row", build.col("time"), build.col("tie")),
        time=build.col("time"),
        as_of=build.timestamp(AS_OF),
    )


def same(actual, expected) -> bool:
    if isinstance(expected, float) and isinstance(actual, float):
        return math.isclose(actual, expected, rel_tol=1e-9, abs_tol=1e-9)
    if isinstance(expected, list) and isinstance(actual, list):
        return len(actual) == len(expected) and all(map(same, actual, expected))
    if isinstance(expected, dict) and isinstance(actual, dict):
        return list(actual.items()) == list(expected.items())  # in the order of the keys
    return type(actual) is type(expected) and actual == expected


def test_every_aggregate_has_a_plain_loop():
    assert set(PLAIN) == set(aggregates())


@pytest.mark.parametrize(("aggregate", "call", "condition"), CASES)
def test_groups_give_what_a_plain_loop_gives(engine, aggregate, call, condition):
    query = f"select k, {lowered(aggregate, call, condition=condition)} from rows group by k"

    values = dict(engine.execute(query).fetchall())

    of, _ = PLAIN[aggregate.name]
    for k, value in values.items():
        rows = [r for r in ROWS if r["k"] == k and (not condition or r["counts"] is True)]
        assert same(value, of(rows, *call)), (k, value, of(rows, *call))


def test_equally_frequent_values_give_the_smallest_whatever_comes_first(engine):
    mode = lowered(aggregates()["mode"], ("x",), condition=False)
    engine.execute(
        "create table even as select range % 3 as k, 7 - range % 8 as x from range(600000)"
    )

    values = dict(engine.execute(f"select k, {mode} from even group by k").fetchall())

    assert values == {0: 0, 1: 0, 2: 0}
