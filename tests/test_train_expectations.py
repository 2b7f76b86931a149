"""What the rows of a data set must be like is checked before they are handed on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from asked import DATASET, Trained, project_of, trained
from shop import compiled

from featdsl.store.record import CheckStatus, Status


def expecting(folder: Path, text: str, **settings: Any) -> Trained:
    return trained(project_of(folder, dataset=f"{DATASET}\n  {text}"), **settings)


def statuses(found: Trained) -> list[CheckStatus]:
    return [c.status for c in found.outcome.record.checks if c.subject == "shop.churn"]


@pytest.mark.parametrize(
    "text",
    [
        "expect rows() > 3",
        "expect orders_30d >= 0",
        "expect churned or orders_30d is not null",
        "expect null_rate(spend_30d) < 90%",
    ],
)
def test_an_expectation_over_columns_of_the_output_is_checked(tmp_path: Path, text: str) -> None:
    found = expecting(tmp_path, text)

    assert statuses(found) == [CheckStatus.PASSED]
    assert found.outcome.ok


def test_a_training_set_that_breaks_an_expectation_is_not_handed_on(tmp_path: Path) -> None:
    found = expecting(tmp_path, "expect unique(customer_id, asked_at)")

    assert found.outcome.record.status is Status.FAILED
    assert [d.code.id for d in found.outcome.diagnostics if d.severity == "error"] == ["FD0715"]
    assert found.rows == []


def test_a_warning_stops_nothing(tmp_path: Path) -> None:
    found = expecting(tmp_path, "expect orders_30d > 100 warn")

    assert statuses(found) == [CheckStatus.WARNED]
    assert found.rows != []


def test_a_column_that_a_handed_in_spine_lacks_is_not_asked(tmp_path: Path) -> None:
    file = tmp_path / "spine.csv"
    file.write_text("customer_id,asked_at,churned\n1,2026-02-01,true\n", encoding="utf-8")

    found = expecting(tmp_path, 'expect channel = "web"', spine=file)

    assert statuses(found) == [CheckStatus.SKIPPED]
    assert len(found.rows) == 1


def test_the_record_s_fingerprint_is_that_of_the_manifest(tmp_path: Path) -> None:
    project = project_of(tmp_path)
    declared = compiled(project).manifest().datasets[0]

    training = trained(project).outcome.training

    assert training is not None
    assert training.fingerprint == declared.fingerprint.data
