"""Floats whose inputs decide few digits are compared by these; all others at 1e-9."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

import pytest

from tests.harness import values
from tests.harness.case import Case
from tests.harness.condition import Condition, nudged
from tests.harness.planted.plant import Bug, planted

AT = datetime(2024, 6, 1)
TEXT = """\
entity shop { key shop_id: int }

source sales {
  from parquet "x.parquet"
  time at
  entity shop
  columns { shop_id: int required  at: timestamp required  x: float  y: float }
}

features spread for shop from sales {
  covariance = covar(x, y)
  correlation = corr(x, y)
  apart = variance(x)
  root = stddev(x) * 2
  slope = slope(x)
  total = sum(x)
  mean = avg(x)
}
"""


def case(xs: list[float], ys: list[float]) -> Case:
    rows = [
        {"shop_id": 1, "at": AT - timedelta(days=i + 1), "x": x, "y": y}
        for i, (x, y) in enumerate(zip(xs, ys, strict=True))
    ]
    return Case("values", TEXT, "UTC", {"p.sales": rows}, AT)


def numbers(r: Random, about: float, apart: float) -> list[float]:
    return [about + r.uniform(-apart, apart) for _ in range(9)]


@pytest.mark.parametrize("about", [0.0, 1e6, -1e9, 1e12, 1e15, 1e17])
@pytest.mark.parametrize("seed", range(5))
def test_last_bits_of_inputs_are_no_difference(about, seed):
    r = Random(seed)
    assert values.check(case(numbers(r, about, 1.0), numbers(r, about, 50.0))) == []


@pytest.mark.parametrize("days", [29, 400, 20_000])
@pytest.mark.parametrize("seed", range(5))
def test_times_that_nearly_meet_are_no_difference(days, seed):
    """As float64 a time of a year before holds thousandths of a microsecond."""
    r = Random(seed)
    rows = [
        {
            "shop_id": 1,
            "at": AT - timedelta(days=days, microseconds=r.choice((0, 1, 2))),
            "x": r.choice((-2.5, 0.05, 12.5, 7.25)),
            "y": 1.0,
        }
        for _ in range(5)
    ]
    assert values.check(Case("values", TEXT, "UTC", {"p.sales": rows}, AT)) == []


def test_one_that_cancels_within_is_seen():
    bug = Bug(
        "a variance that cancels",
        "a float that cancels",
        "aggregates.variance",
        'inputs.finite(build.func("var_samp", inputs.as_float()))',
        'build.func("var_samp", exp.Add(this=inputs.as_float(), expression=build.number(10**11)))',
    )
    some = case(numbers(Random(1), 1e6, 1.0), numbers(Random(2), 0.0, 1.0))
    with planted(bug):
        assert [d for d in values.check(some) if "apart" in d]
    assert values.check(some) == []


def test_what_does_not_cancel_has_no_slack():
    plain = Condition(lambda: {"x": 3.0}, {"x": 3.0})
    assert plain.slack("x") == 0.0
    assert plain.slack("another") == 0.0


def test_the_oracle_is_exact_again_afterwards():
    some = case([1.0, 2.0], [1.0, 2.0])
    with pytest.raises(ZeroDivisionError), nudged(Random(1)):
        raise ZeroDivisionError
    assert values.check(some) == []
