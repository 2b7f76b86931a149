"""A command line in this process, and projects to run it on."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from featdsl.cli.main import run
from featdsl.project.load import load_project
from featdsl.project.prepare import prepare_data

FEATURES = Path(__file__).parents[2] / "features"
NOW = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)
MOMENT, TICKS = timedelta(milliseconds=1), count()


@dataclass(frozen=True)
class Result:
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def events(self) -> list[Any]:
        """What was printed line by line, as `featc run --json` does."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def errors(self) -> list[str]:
        """Headlines of the errors, wherever they were printed."""
        lines = (self.out + self.err).splitlines()
        return [line for line in lines if line.startswith(("error[", "error:"))]


Featc = Callable[..., Result]


@pytest.fixture
def featc(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Featc:
    """Run a command line; `cwd` is where."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)

    def call(*arguments: str | Path, cwd: Path | None = None) -> Result:
        if cwd is not None:
            monkeypatch.chdir(cwd)
        capfd.readouterr()
        # Names of runs sort by time: each look at the clock is a little later.
        status = run([str(a) for a in arguments], clock=lambda: NOW + MOMENT * next(TICKS))
        captured = capfd.readouterr()
        assert "Traceback" not in captured.out + captured.err, captured.err
        return Result(status, captured.out, captured.err)

    return call


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The quickstart project with its data; not to be changed."""
    folder = tmp_path_factory.mktemp("projects") / "quickstart"
    ignored = shutil.ignore_patterns("data", "target", "__pycache__")
    shutil.copytree(FEATURES / "quickstart", folder, ignore=ignored)
    prepare_data(load_project(folder))
    return folder


@pytest.fixture
def quickstart(prepared: Path, tmp_path: Path) -> Path:
    """The quickstart project with its data, to do anything with."""
    return Path(shutil.copytree(prepared, tmp_path / "quickstart"))


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A small project without data, to do anything with."""
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "featc.toml").write_text('[project]\nname = "shop"\nas_of = "2026-10-01"\n')
    (folder / "shop.feat").write_text(SHOP)
    return folder


SHOP = """\
## A person.
entity customer {
  key customer_id: int
}

## What was bought.
source sales {
  from parquet "sales.parquet"
  key sale_id
  time sold_at
  entity customer
  columns {
    sale_id: int required
    customer_id: int required
    sold_at: timestamp required
    amount: decimal(12, 2)
  }
  owner "data@example.com"
}

## Least amount that counts.
param floor: decimal(12, 2) = 1.00

## What is spent.
features spend for customer from sales {
  owner "growth@example.com"

  ## Money spent.
  spend[7d, 30d] = sum(amount where amount >= $floor default 0)

  ## This week to this month.
  trend = spend_7d / spend_30d
}
"""
