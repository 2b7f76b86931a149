"""Projects for the tests of the Python interface."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import featdsl
from featdsl.project.load import load_project
from featdsl.project.prepare import prepare_data
from featdsl.runs import columns

FEATURES = Path(__file__).parents[2] / "features"

SHOP = """\
namespace shop

entity customer { key customer_id: int }

source events {
  from parquet "events.parquet"
  key event_id
  time seen_at
  entity customer
  columns {
    event_id:    int required
    customer_id: int required
    seen_at:     timestamp required
    amount:      decimal(12, 2)
    weight:      float
    name:        text
    big:         bool
    day:         date
  }
}

## What is known of the newest event of a customer.
features newest for customer from events {
  owner "shop@example.com"

  number = last(event_id)
  amount = last(amount)
  weight = last(weight)
  name = last(name)
  big = last(big)
  day = last(day)
  seen = last(seen_at)
  spent: decimal(38, 2) = sum(amount)
  numbers = sum(event_id)
  events_30d = count() over 30d
}

labels later for customer from events {
  owner "shop@example.com"

  ## Whether anything happens in the week after.
  comes = exists() over next 7d
  spends: decimal(12, 2) = sum(amount default 0) over next 7d
}

## Each event, with what comes after.
dataset coming for customer {
  owner "shop@example.com"
  spine events at seen_at
  split by time at @2026-01-10
  label later.comes, later.spends
  include newest.spent, newest.events_30d as events
}
"""

SETTINGS = """\
[project]
name = "shop"
as_of = "2026-02-01T00:00:00"

[lint]
missing-description = "off"
missing-owner = "off"
unused = "off"
untested-feature = "off"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project with a column of each type, without data."""
    (tmp_path / "featc.toml").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "shop.feat").write_text(SHOP, encoding="utf-8")
    return tmp_path


@pytest.fixture
def shop(folder: Path) -> featdsl.Project:
    project = featdsl.load(folder)
    project.check()
    return project


@pytest.fixture(scope="session")
def quickstart(tmp_path_factory: pytest.TempPathFactory) -> featdsl.Project:
    """The quickstart project with its data."""
    folder = tmp_path_factory.mktemp("quickstart") / "quickstart"
    shutil.copytree(FEATURES / "quickstart", folder, ignore=shutil.ignore_patterns("target"))
    prepare_data(load_project(folder, here_only=True))
    return featdsl.load(folder)


@pytest.fixture(params=["arrow", "numpy"])
def held(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """With pyarrow, and as if it were not installed where results are kept."""
    if request.param == "numpy":
        real = importlib.util.find_spec
        monkeypatch.setattr(columns, "find_spec", lambda n: None if n == "pyarrow" else real(n))
    yield request.param
