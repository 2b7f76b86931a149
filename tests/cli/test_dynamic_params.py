"""Defaults of parameters that read the day and the environment: what a run records of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Featc

TEXT = """\
param since: date = today() - 1d
param region: text = env("FEATC_TEST_REGION")
param least: int = 3
param most: int = $least * 2
secret param token: text = env("FEATC_TEST_TOKEN")

entity customer { key customer_id: int }
source sales {
  from csv "sales.csv"
  entity customer
  columns { customer_id: int required  amount: int  region: text }
}
features spend for customer from sales {
  n = count(where region = $region and amount < $most and region != $token)
  days = count(where date_trunc("day", $since) is not null)
}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings = '[project]\nname = "shop"\ntimezone = "Asia/Kolkata"\n'
    (tmp_path / "featc.toml").write_text(settings, "utf-8")
    (tmp_path / "all.feat").write_text(TEXT, "utf-8")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "sales.csv").write_text(
        "customer_id,amount,region\n1,4,north\n1,7,north\n", "utf-8"
    )
    monkeypatch.setenv("FEATC_TEST_REGION", "north")
    monkeypatch.setenv("FEATC_TEST_TOKEN", "S3CR3T")
    return tmp_path


def _used(project: Path) -> dict[str, tuple[str | None, str]]:
    (path,) = (project / "target" / "runs").glob("*.json")
    text = path.read_text("utf-8")
    assert "S3CR3T" not in text
    found = json.loads(text)["parameters"]
    return {p["name"].removeprefix("shop."): (p["value"], p["origin"]) for p in found}


def test_a_run_records_what_was_used_and_where_it_came_from(featc: Featc, project: Path) -> None:
    result = featc("run", "--param", "least=4", cwd=project)

    assert result.status == 0, result.out + result.err
    assert "S3CR3T" not in result.out + result.err
    # The clock says 22 November, 18:30 UTC: in Kolkata it is the 23rd.
    assert _used(project) == {
        "since": ("@2026-11-22", "default: the day"),
        "region": ('"north"', "default: the environment"),
        "least": ("4", "command line"),
        "most": ("8", "default: another parameter"),
        "token": (None, "default: the environment"),
    }


def test_a_value_from_outside_needs_no_environment(
    featc: Featc, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FEATC_TEST_REGION")
    without = featc("run", cwd=project)
    given = featc("run", "--param", "region=north", cwd=project)

    assert "the environment has no variable `FEATC_TEST_REGION`" in "".join(without.errors)
    assert given.status == 0


def test_the_default_is_shown_as_it_is_written(featc: Featc, project: Path) -> None:
    shown = featc("show", "region", "--json", cwd=project)

    assert json.loads(shown.out)["default"] == 'env("FEATC_TEST_REGION")'
