"""Chronon's quickstart in FEAT: its published row, and every row against plain loops."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import featdsl
from tests.independent.adapter import copy_project

FOLDER = Path(__file__).parents[1] / "features" / "chronon_quickstart"
CHECKOUT = "BBBD1BB1-27D1-0D9B-17D8-236DCB5C6142"
OWN = {"user_id", "ts", "ds"}
DAY, HOUR = timedelta(days=1), timedelta(hours=1)

Event = tuple[datetime, int]


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, dict[str, Any]]]:
    """Rows of both data sets by checkout."""
    folder = copy_project("chronon_quickstart", tmp_path_factory.mktemp("chronon"))
    project = featdsl.load(folder)
    found = {}
    for name in ("training_set", "both"):
        table = project.training_set(name).arrow().to_pylist()
        found[name] = {row["return_id"]: row for row in table}
    return found


def published() -> dict[str, Any]:
    row = json.loads((FOLDER / "published_row.json").read_text("utf-8"))["published_row"]
    return {name.partition("_v1_")[2] or name: value for name, value in row.items()}


def plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return (value - datetime(1970, 1, 1)) // timedelta(milliseconds=1)
    if isinstance(value, date):
        return value.isoformat()
    return value


def test_the_published_row_is_ours_in_every_column(rows):
    expected = published()

    ours = {name: plain(rows["training_set"][CHECKOUT][name]) for name in expected}

    assert len(expected) == 25
    assert ours == expected


def test_the_readme_shows_the_row_and_what_our_own_windows_give(rows):
    text = (FOLDER / "README.md").read_text("utf-8")
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    shown = [[cell.strip(" `") for cell in line.split("|")[1:-1]] for line in lines]
    table = [cells for cells in shown if len(cells) == 4]
    ours, both = rows["training_set"][CHECKOUT], rows["both"][CHECKOUT]

    expected = [
        [name, written(value), written(plain(ours[name])), written(own_window(name, both))]
        for name, value in published().items()
        if name not in OWN
    ]

    assert table == expected


def own_window(name: str, both: dict[str, Any]) -> Any:
    """The value under `over 3d` and the like; what has no window is one and the same."""
    own = name.replace("purchase_price", "now_price").replace("refund_amt", "now_refund")
    return plain(both[own])


def written(value: Any) -> str:
    return "null" if value is None else str(value)


def test_the_readme_counts_checkouts_that_differ(rows):
    def differing(ours: str, own: str) -> int:
        return sum(row[ours] != row[own] for row in rows["both"].values())

    found = (
        differing("purchase_price_sum_3d", "now_price_sum_3d"),
        differing("refund_amt_sum_14d", "now_refund_sum_14d"),
    )

    assert found == (37, 11)
    text = " ".join((FOLDER / "README.md").read_text("utf-8").split())
    assert "Of the 200 checkouts 37 have another `purchase_price_sum_3d`" in text
    assert "Of 200 checkouts 11 have another `refund_amt_sum_14d`" in text


def events(name: str, amount: str) -> dict[int, list[Event]]:
    """Rows of a raw file by user, oldest first."""
    found: dict[int, list[tuple[datetime, str, int]]] = {}
    for row in read(name):
        at = datetime(1970, 1, 1) + timedelta(milliseconds=int(row["ts"]))
        tie = row.get("purchase_id") or row["return_id"]
        found.setdefault(int(row["user_id"]), []).append((at, tie, int(row[amount])))
    return {user: [(at, value) for at, _, value in sorted(rows)] for user, rows in found.items()}


def read(name: str) -> Iterator[dict[str, str]]:
    with (FOLDER / "raw" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def floor(at: datetime, step: timedelta) -> datetime:
    return at - (at - datetime(1970, 1, 1)) % step


def summed(stem: str, window: str, values: Sequence[int]) -> dict[str, Any]:
    return {
        f"{stem}_sum_{window}": sum(values) if values else None,
        f"{stem}_count_{window}": len(values) or None,
        f"{stem}_average_{window}": sum(values) / len(values) if values else None,
    }


def truth(at: datetime, bought: list[Event], sent_back: list[Event]) -> dict[str, Any]:
    """What Chronon computes for one checkout."""
    found: dict[str, Any] = {}
    midnight = floor(at, DAY)
    for days in (3, 14, 30):
        since = midnight - days * DAY
        values = [v for t, v in bought if since <= t < midnight]
        found |= summed("purchase_price", f"{days}d", values)
        since = floor(at - days * DAY, HOUR if days == 3 else DAY)
        found |= summed("refund_amt", f"{days}d", [v for t, v in sent_back if since <= t < at])
    latest = [v for t, v in bought if t < midnight][-10:]
    found["purchase_price_last10"] = latest[::-1] or None
    found["refund_amt_last2"] = [v for t, v in sent_back if t < at][-2:][::-1] or None
    return found


def test_every_checkout_equals_plain_loops(rows):
    bought, sent_back = events("purchases", "purchase_price"), events("returns", "refund_amt")

    differing = []
    for key, row in rows["training_set"].items():
        user = row["user_id"]
        expected = truth(row["ts"], bought.get(user, []), sent_back.get(user, []))
        found = {name: row[name] for name in expected}
        if found != expected:
            differing.append((key, found, expected))

    assert len(rows["training_set"]) == 200
    assert differing == []
