"""Expectations: what holds, what does not, and what is said about it."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from shop import ORDERS, codes, run, shop, told

from featdsl.checks.freshness import age
from featdsl.checks.registry import checks
from featdsl.checks.spec import share
from featdsl.ir.program import CheckKind
from featdsl.project.as_of import AsOf
from featdsl.store.record import CheckStatus

TWO_MORE = ORDERS + "4,3,2026-01-26 10:00:00,,\n5,3,2026-01-27 10:00:00,-1.00,paid\n"


def test_every_kind_of_expectation_has_a_check() -> None:
    assert set(checks()) == {kind.value for kind in CheckKind}


@pytest.mark.parametrize(
    ("expectation", "holds", "measured"),
    [
        ("amount >= 0", False, "1 of 5 rows (20%) fail"),
        ("amount >= 0 allow 20%", True, "1 of 5 rows (20%) fail"),
        ("amount >= 0 allow 19.9%", False, "1 of 5 rows (20%) fail"),
        ("amount is not null", False, "1 of 5 rows (20%) fail"),
        ("amount < 100", True, "0 of 5 rows (0%) fail"),
        ('status in ["paid", "open"]', True, "0 of 5 rows (0%) fail"),
        ("unique(customer_id)", False, "4 of 5 rows (80%) share their values with another"),
        (
            "unique(customer_id, ordered_at)",
            True,
            "0 of 5 rows (0%) share their values with another",
        ),
        ("unique(amount)", True, "0 of 5 rows (0%) share their values with another"),
        ("rows() > 4", True, "5 rows"),
        ("rows() > 5", False, "5 rows"),
        ("rows() = 5", True, "5 rows"),
        ("null_rate(status) <= 20%", True, "1 of 5 rows (20%) have no value"),
        ("null_rate(status) < 20%", False, "1 of 5 rows (20%) have no value"),
        ("freshness <= 5d", True, "the newest row is 4 d 14 h old"),
        ("freshness <= 4d", False, "the newest row is 4 d 14 h old"),
        ("freshness < 110h", False, "the newest row is 4 d 14 h old"),
        ("freshness <= 110h", True, "the newest row is 4 d 14 h old"),
        ("freshness <= 1month", True, "the newest row is 4 d 14 h old"),
    ],
)
def test_an_expectation_of_a_source_holds_or_stops_the_run(
    tmp_path: Path, expectation: str, holds: bool, measured: str
) -> None:
    project = shop(tmp_path, more=f"  expect {expectation}", data={"orders.csv": TWO_MORE})

    outcome = run(project)

    assert codes(outcome) == ([] if holds else ["FD0715"])
    (check,) = outcome.record.checks
    status = CheckStatus.PASSED if holds else CheckStatus.FAILED
    assert (check.status, check.measured) == (status, measured)
    assert check.subject == "shop.orders"
    assert check.place is not None
    assert (project.target_dir / "data").exists() is holds


def test_rows_that_fail_are_shown_with_their_lines(tmp_path: Path) -> None:
    project = shop(tmp_path, more="  expect amount >= 0", data={"orders.csv": TWO_MORE})

    text = told(run(project), project)

    assert "line 6 of orders.csv: amount = -1.00" in text
    assert "expect amount >= 0" in text


def test_values_of_personal_data_are_not_shown(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        amount="decimal(12, 2) pii",
        more="  expect amount >= 0\n  expect unique(status, amount)",
        data={"orders.csv": TWO_MORE + "6,3,2026-01-28,-1.00,paid\n"},
    )

    text = told(run(project), project)

    assert "amount = ***" in text
    assert "-1.00" not in text


def test_freshness_counts_what_can_be_seen_at_the_as_of_time(tmp_path: Path) -> None:
    project = shop(tmp_path, more="  expect freshness <= 1d")

    outcome = run(project, as_of=AsOf(datetime(2026, 1, 21), "test"))

    assert outcome.ok
    assert outcome.record.checks[0].measured == "the newest row is 14 h old"


def test_nothing_to_see_is_not_fresh(tmp_path: Path) -> None:
    project = shop(tmp_path, more="  expect freshness <= 1d")

    outcome = run(project, as_of=AsOf(datetime(2020, 1, 1), "test"))

    assert outcome.record.checks[0].measured == "no row is visible"
    assert not outcome.ok


def test_sources_are_checked_after_drops_and_before_keep(tmp_path: Path) -> None:
    more = '  drop when amount < 0 because "void"\n  expect rows() = 4\n  expect amount > 0'
    project = shop(tmp_path, more=more, data={"orders.csv": TWO_MORE})

    outcome = run(project)

    assert outcome.ok, told(outcome, project)


def test_views_are_checked_as_they_are_seen(tmp_path: Path) -> None:
    project = shop(tmp_path)
    text = (tmp_path / "shop.feat").read_text(encoding="utf-8")
    text += """
view paid from orders {
  where status = "paid"
  expect amount < 20
  expect rows() = 2
}
features more for customer from paid { n = count() }
"""
    project = shop(tmp_path, text=text)

    outcome = run(project)

    assert [(c.subject, c.status) for c in outcome.record.checks] == [
        ("shop.paid", CheckStatus.FAILED),
        ("shop.paid", CheckStatus.PASSED),
    ]
    assert "order_id = 2, amount = 20.50" in told(outcome, project)


def test_all_expectations_that_fail_are_told_in_one_run(tmp_path: Path) -> None:
    more = "  expect amount > 0\n  expect rows() > 10\n  expect unique(customer_id) warn"
    project = shop(tmp_path, more=more, data={"orders.csv": TWO_MORE})

    outcome = run(project)

    assert [d.severity.value for d in outcome.diagnostics] == ["error", "error", "warning"]


def test_no_rows_meet_every_expectation_of_rows(tmp_path: Path) -> None:
    more = "  expect amount > 0\n  expect null_rate(status) < 1%\n  expect unique(status)"
    project = shop(tmp_path, more=more, data={"orders.csv": ORDERS.splitlines()[0] + "\n"})

    outcome = run(project)

    assert outcome.ok
    assert {c.status for c in outcome.record.checks} == {CheckStatus.PASSED}


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (0, 0, "0 of 0 rows"),
        (0, 10, "0 of 10 rows (0%)"),
        (1, 3, "1 of 3 rows (33.3%)"),
        (1, 10**7, "1 of 10,000,000 rows (<0.001%)"),
        (1, 1, "1 of 1 row (100%)"),
    ],
)
def test_shares_are_shown_in_few_digits(part: int, whole: int, text: str) -> None:
    assert share(part, whole) == text


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(0), "0 s"),
        (timedelta(seconds=90), "1 min 30 s"),
        (timedelta(days=3, hours=2, minutes=5), "3 d 2 h"),
        (timedelta(hours=-2), "-2 h"),
    ],
)
def test_ages_are_shown_in_two_units(length: timedelta, text: str) -> None:
    assert age(length) == text


def test_shares_are_compared_exactly(tmp_path: Path) -> None:
    lines = [f"{i},1,2026-01-10,{'1.00' if i % 10 else ''},x" for i in range(1, 101)]
    orders = "\n".join([ORDERS.splitlines()[0], *lines]) + "\n"
    more = "  expect null_rate(amount) <= 10%\n  expect amount is not null allow 10%"
    project = shop(tmp_path, more=more, data={"orders.csv": orders})

    assert run(project).ok


@pytest.mark.parametrize(("bound", "holds"), [("7d", True), ("158h", True), ("157h", False)])
def test_a_view_is_as_fresh_as_its_newest_row(tmp_path: Path, bound: str, holds: bool) -> None:
    shop(tmp_path)
    text = (tmp_path / "shop.feat").read_text()
    text = text.replace("from orders {\n  spend", "from some {\n  spend")
    view = (
        f'view some from orders {{\n  where status != "none"\n  expect freshness <= {bound}\n}}\n'
    )
    outcome = run(shop(tmp_path, text=f"{text}\n{view}"))

    # The newest order is of 25 January, 10:00: 6 d 14 h before the first of February.
    (use,) = [c for c in outcome.record.checks if c.subject == "shop.some"]
    assert use.measured == "the newest row is 6 d 14 h old"
    assert (use.status is CheckStatus.PASSED) is holds
    assert codes(outcome) == ([] if holds else ["FD0715"])
