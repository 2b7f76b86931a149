"""What requests are answered: equal to a training set with the same keys, time and inputs."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import featdsl
from featdsl.cli.main import run

AS_OF = datetime(2024, 3, 1)

TEXT = """
param floor: decimal(12, 2) = 20.00

## A shop.
entity shop { key shop_id: int }

## A customer of a shop.
entity customer {
  key shop_id: int
  key customer: text
  @POPULATION@
}

## Everything.
entity all {}

## Who is a customer.
source customers {
  from csv "customers.csv"
  entity customer
  columns { shop_id: int required  customer: text required  born: date  city: text }
}

## What was paid.
source payments {
  from csv "payments.csv"
  key id
  time at
  entity customer
  entity shop
  entity all
  columns {
    id: int required  shop_id: int required  customer: text required  at: timestamp required
    amount: decimal(12, 2)  points: int  item: text
  }
}

## What is in the cart.
input cart {
  total:   decimal(12, 2)
  gift:    bool
  item:    text
  on_day:  date
  at_time: timestamp
  weight:  float
  points:  int
}

## Sums of a shop.
features of_shop for shop from payments {
  turnover = sum(amount)
}

## Of all.
features world for all from payments {
  owner "risk@example.com"
  paid = sum(amount)
  share_of_all = cart.total / paid
}

## What somebody bought.
features bought for customer from payments {
  owner "risk@example.com"
  lines = count()
  spent: decimal(14, 2) = sum(amount default 0)
  private wide = sum(points)
  score: decimal(38, 0) = sum(points)
  last_item = last(item)
  items = collect(item, last: 3)
  private by_item = sum(points by item)
  private hidden = max(amount) over 30d
  last_at = max(at)
  mean = avg(amount) over 30d
  bonus = if lines = 0 then 7 else lines * 2
  again = bonus + lines
}

## Who somebody is.
features profile for customer from customers {
  born = max(born)
  city = max(city)
  deep = bought.again + count()
}

## How a cart compares.
features fit for customer from payments {
  owner "risk@example.com"
  times = cart.total / avg(amount)
  over_floor = cart.total > $floor
  same_item = cart.item = bought.last_item
  known_item = contains(bought.items, cart.item)
  beyond = cart.total - bought.hidden
  age_then = days_between(profile.born, cart.on_day)
  since = (cart.at_time - bought.last_at) / 1h
  heavier = cart.weight * lines_twice
  private lines_twice = count() * 2 over 30d
  twice = times * 2
  rest: decimal(38, 0) = mod(bought.wide, cart.points)
  points_of_item: decimal(38, 0) = get(bought.by_item, cart.item) ?? -1
  is_gift = cart.gift or count() = 0
}

## What a model is asked.
dataset risk for customer {
  owner "risk@example.com"
  include bought.*, profile.*, fit.*
}

## Of a cart alone, whoever asks.
features alone for all from payments {
  owner "risk@example.com"
  doubled = cart.total * 2
}

## What is asked of nobody.
dataset nothing_stored for all {
  owner "risk@example.com"
  include alone.*
}

## What is asked of all.
dataset whole for all {
  owner "risk@example.com"
  include world.*
}
"""
INPUTS = {
    "total": Decimal("40.00"),
    "gift": False,
    "item": "a",
    "on_day": date(2024, 2, 29),
    "at_time": datetime(2024, 2, 29, 12, 30, 0, 250),
    "weight": 2.5,
    "points": 7,
}


@pytest.fixture(params=["from customers", ""], ids=["listed", "not listed"])
def project(request: pytest.FixtureRequest, tmp_path: Path) -> featdsl.Project:
    return written(tmp_path, request.param, seed=1)


def written(folder: Path, population: str, *, seed: int) -> featdsl.Project:
    """A project with random rows, published as of `AS_OF`."""
    draw = random.Random(seed)
    (folder / "featc.toml").write_text('[project]\nname = "shop"\ndata_dir = "."\n')
    (folder / "shop.feat").write_text(TEXT.replace("@POPULATION@", population))
    customers = [(s, c) for s in (1, 2) for c in ("a", "b", "c,d")]
    listed = [f'{s},"{c}",19{draw.randint(60, 99)}-05-06,x' for s, c in customers[:5]]
    lines = ["shop_id,customer,born,city", *listed]
    (folder / "customers.csv").write_text("\n".join(lines) + "\n")
    lines = ["id,shop_id,customer,at,amount,points,item"]
    for n in range(30):
        shop, customer = draw.choice([customers[0], customers[2], customers[4], customers[5]])
        at = AS_OF - timedelta(days=draw.randint(-5, 60), seconds=draw.randint(0, 5))
        amount = draw.choice(["", "0.00", f"{draw.randint(1, 99)}.25"])
        item = draw.choice(["a", "b", ""])
        points = draw.choice(["", 9_000_000_000_000_000_000, -3])
        lines.append(f'{n},{shop},"{customer}",{at.isoformat()},{amount},{points},{item}')
    (folder / "payments.csv").write_text("\n".join(lines) + "\n")
    assert run(["--project", str(folder), "run", "--as-of", AS_OF.isoformat()]) == 0
    return featdsl.load(folder)


KEYS = [(1, "a"), (1, "b"), (1, "c,d"), (2, "a"), (2, "b"), (2, "c,d"), (3, "z"), (1, "a")]


def batch(
    project: featdsl.Project, dataset: str, keys: list[Any], inputs: dict[str, list[Any]]
) -> pd.DataFrame:
    """The rows of a training set whose spine holds keys, the time and inputs."""
    names = ("shop_id", "customer") if dataset == "risk" else ()
    columns = {n: [k[i] for k in keys] for i, n in enumerate(names)}
    asked = {**columns, "as_of": [AS_OF] * len(keys), **inputs}
    spine = pd.DataFrame({n: pd.Series(v, dtype=object) for n, v in asked.items()})
    rows = project.training_set(dataset, spine=spine).pandas()
    return rows.drop(columns=["as_of", *inputs]).reset_index(drop=True)


def test_answers_are_those_of_a_training_set(project: featdsl.Project) -> None:
    inputs = {n: [v] * len(KEYS) for n, v in INPUTS.items()}
    found = project.evaluate("risk", keys=KEYS, inputs=INPUTS)
    pd.testing.assert_frame_equal(found.pandas(), batch(project, "risk", KEYS, inputs))


def test_each_row_has_inputs_of_its_own(project: featdsl.Project) -> None:
    inputs = {
        "total": [Decimal("0.01"), None, Decimal("9999999999.99"), *[Decimal("20.00")] * 5],
        "gift": [True, None, False, True, None, False, True, None],
        "item": ["a", "", None, "b", 'q"\\\n', "null", "b", "b"],
        "on_day": [date(1, 1, 1), None, date(9999, 12, 31), *[date(2024, 2, 29)] * 5],
        "at_time": [datetime(1969, 12, 31, 23, 59, 59, 999_999), None, *[AS_OF] * 6],
        "weight": [0.1, None, -0.0, 1e300, 5e-324, 1.0, 2.0, 3.0],
        "points": [1, None, -(2**63), 2**63 - 1, 0, 7, -7, 3],
    }
    found = project.evaluate("risk", keys=KEYS, inputs={f"cart.{n}": v for n, v in inputs.items()})
    pd.testing.assert_frame_equal(found.pandas(), batch(project, "risk", KEYS, inputs))


@pytest.mark.parametrize("seed", range(2, 6))
def test_answers_are_those_of_a_training_set_for_other_rows(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    project = written(tmp_path, draw.choice(["from customers", ""]), seed=seed)
    inputs = {
        "total": [draw.choice([None, Decimal(draw.randint(0, 9999)) / 100]) for _ in KEYS],
        "gift": [draw.choice([None, True, False]) for _ in KEYS],
        "item": [draw.choice([None, "a", "b"]) for _ in KEYS],
        "on_day": [date(2024, 1, draw.randint(1, 31)) for _ in KEYS],
        "at_time": [AS_OF - timedelta(minutes=draw.randint(0, 9999)) for _ in KEYS],
        "weight": [draw.uniform(-5, 5) for _ in KEYS],
        "points": [draw.randint(-9, 9) for _ in KEYS],
    }
    found = project.evaluate("risk", keys=KEYS, inputs=inputs)
    pd.testing.assert_frame_equal(found.pandas(), batch(project, "risk", KEYS, inputs))


def test_the_whole_population_has_one_answer(project: featdsl.Project) -> None:
    found = project.evaluate("whole", inputs={"total": 40})
    pd.testing.assert_frame_equal(
        found.pandas(), batch(project, "whole", [()], {"total": [Decimal(40)]})
    )
    assert len(found) == 1


def test_the_whole_population_needs_no_feature_of_its_own(project: featdsl.Project) -> None:
    found = project.evaluate("nothing_stored", inputs={"total": 40})
    assert found.pandas()["doubled"].tolist() == [Decimal("80.00")]
