"""JSON files: what fits, what does not, and where."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.shop import codes, published, run, shop, told

LINES = (
    '{"order_id": 1, "customer_id": 1, "ordered_at": "2026-01-10 10:00:00", "amount": 10.25, '
    '"status": "paid"}\n'
    '{"order_id": 2, "customer_id": 1, "ordered_at": "2026-01-20T10:00:00Z", "amount": "20.50"}\n'
    '{"order_id": 3, "customer_id": 2, "ordered_at": "2026-01-25 10:00:00", "amount": null}\n'
)


def json_shop(tmp_path: Path, text: str, **more: str):
    return shop(tmp_path, location='json "orders*.json"', data={"orders.json": text}, **more)


def test_objects_a_line_are_rows(tmp_path: Path) -> None:
    project = json_shop(tmp_path, LINES)

    assert codes(run(project)) == []
    rows = published(project).rows
    assert [(k, str(spend), n) for k, spend, n in rows] == [(1, "30.75", 2), (2, "None", 1)]


def test_a_list_of_objects_is_read_too(tmp_path: Path) -> None:
    project = json_shop(tmp_path, f"[{','.join(LINES.splitlines())}]")

    assert codes(run(project)) == []
    assert len(published(project).rows) == 2


@pytest.mark.parametrize(
    ("value", "column"),
    [
        ('"order_id": 4.5', "order_id"),
        ('"order_id": "4"', "order_id"),
        ('"amount": 1.234', "amount"),
        ('"amount": 12345678901234567890.12', "amount"),
        ('"amount": true', "amount"),
        ('"status": 7', "status"),
        ('"status": {"a": 1}', "status"),
        ('"ordered_at": 20260110', "ordered_at"),
    ],
)
def test_a_value_of_another_type_is_told_with_its_row(
    tmp_path: Path, value: str, column: str
) -> None:
    row = {
        "order_id": '"order_id": 4',
        "customer_id": '"customer_id": 1',
        "ordered_at": '"ordered_at": "2026-01-11"',
    }
    row[column] = value
    project = json_shop(tmp_path, f"{LINES}{{{', '.join(row.values())}}}\n")

    outcome = run(project)

    assert codes(outcome) == ["FD0707"]
    assert f"in `{column}`" in told(outcome, project)
    assert "row 4 of orders.json" in told(outcome, project)


def test_a_required_key_that_is_missing_is_told(tmp_path: Path) -> None:
    project = json_shop(tmp_path, LINES + '{"order_id": 4, "ordered_at": "2026-01-11"}\n')

    outcome = run(project)

    assert codes(outcome) == ["FD0708"]
    assert "row 4 of orders.json" in told(outcome, project)


def test_what_is_no_json_stops_the_run(tmp_path: Path) -> None:
    outcome = run(json_shop(tmp_path, LINES + '{"order_id": 4'))

    assert not outcome.ok
    assert "orders.json" in told(outcome, json_shop(tmp_path, LINES))
