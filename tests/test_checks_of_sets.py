"""Expectations on aggregates of a set, and against the last published run."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from asked import ASKED, DATASET, TEXT, project_of, trained
from shop import AS_OF, ORDERS, codes, compiled, run, shop, told
from sqlglot import exp

from featdsl.checks.drift import FLOOR, stability_index
from featdsl.checks.ks import PERCENTILES, distance
from featdsl.engines.duckdb import Session
from featdsl.project.as_of import AsOf
from featdsl.runs.distribution import distribution
from featdsl.runs.execute import Outcome
from featdsl.sql import build
from featdsl.store.record import CheckStatus, CheckUse, KeptUse
from featdsl.types.dtype import INT

# Amounts 10.00, 20.50, 5.25, nothing, -1.00; the statuses are paid, paid, open, nothing, paid.
FIVE = ORDERS + "4,3,2026-01-26 10:00:00,,\n5,3,2026-01-27 10:00:00,-1.00,paid\n"


def orders(*amounts: str, status: str = "paid") -> str:
    """Orders of one customer each, of one day, one after the other."""
    rows = [f"{i},{i},2026-01-10 10:00:00,{a},{status}" for i, a in enumerate(amounts)]
    return "\n".join(["order_id,customer_id,ordered_at,amount,status", *rows]) + "\n"


def day(number: int) -> AsOf:
    """As of so many days after the first run."""
    return replace(AS_OF, instant=AS_OF.instant + timedelta(days=number))


def check(outcome: Outcome, kind: str) -> CheckUse:
    (found,) = [c for c in outcome.record.checks if c.kind == kind]
    return found


@pytest.mark.parametrize(
    ("expectation", "holds", "measured"),
    [
        # 34.75 / 4
        ("avg(amount) between 8.6875 and 9", True, "avg(amount) is 8.6875"),
        ("avg(amount) not between 8 and 9", False, "avg(amount) is 8.6875"),
        (
            "sum(amount) = 34.75 and count() = 5",
            True,
            "sum(amount) is 34.75, count() is 5",
        ),
        ('sum(amount where status = "paid") > 29.50', False, None),
        ("count(where amount < 0) = 0", False, "count(where amount < 0) is 1"),
        ("max(amount) - min(amount) <= 21.50", True, "max(amount) is 20.50, min(amount) is -1.00"),
        ("count_distinct(status) = 2 or 1 = 2", True, "count_distinct(status) is 2"),
        # Of no rows there is no average, and a condition without a value holds.
        ("avg(amount where amount > 100) > 5", True, "avg(amount where amount > 100) is null"),
        ("sum(amount where amount > 100 default 0) > 0", False, None),
        ("distinct(status) <= 2", True, "2 different values"),
        ("distinct(status) < 2", False, "2 different values"),
        ("rows() not between 6 and 9", True, "5 rows"),
        ("rows() not between 5 and 9", False, "5 rows"),
        ("null_rate(amount) not between 20% and 30%", False, "1 of 5 rows (20%) have no value"),
        ("null_rate(amount) not between 21% and 30%", True, "1 of 5 rows (20%) have no value"),
        ("freshness not between 1d and 4d", True, "the newest row is 4 d 14 h old"),
        ("freshness not between 110h and 5d", False, "the newest row is 4 d 14 h old"),
        ("freshness not between 3d and 110h", False, "the newest row is 4 d 14 h old"),
    ],
)
def test_an_expectation_on_all_rows_of_a_source(
    tmp_path: Path, expectation: str, holds: bool, measured: str | None
) -> None:
    project = shop(tmp_path, more=f"  expect {expectation}", data={"orders.csv": FIVE})
    outcome = run(project)

    assert codes(outcome) == ([] if holds else ["FD0715"])
    (found,) = outcome.record.checks
    assert measured in (None, found.measured)


def test_rows_that_are_dropped_are_in_no_aggregate(tmp_path: Path) -> None:
    more = '  drop when amount < 0 because "x"\n  expect min(amount) = 5.25 and count() = 4'
    outcome = run(shop(tmp_path, more=more, data={"orders.csv": FIVE}))

    assert outcome.ok


@pytest.mark.parametrize(
    ("features", "holds"),
    [
        ("  expect customer_id > 0", True),
        ("  expect customer_id > 1", False),
        ("  expect max(spend_30d) = 30.50", True),
        ("  expect sum(orders_30d where customer_id = 1) = 2", True),
        ("  expect distinct(orders_30d) = 1", False),
        # Names a feature that is computed after it.
        ("  first = min(amount) { expect first < after }\n  after = first - 1", False),
    ],
)
def test_an_expectation_of_a_group_reads_keys_and_features(
    tmp_path: Path, features: str, holds: bool
) -> None:
    outcome = run(shop(tmp_path, features=features))

    assert codes(outcome) == ([] if holds else ["FD0715"])


def test_a_stored_value_of_personal_data_is_not_told(tmp_path: Path) -> None:
    project = shop(tmp_path, more='  expect max(status) = "x"\n  expect count(status) = 9')
    text = (tmp_path / "shop.feat").read_text().replace("status:      text", "status: text pii")
    outcome = run(shop(tmp_path, text=text))

    assert "max(status) is ***" in told(outcome, project)
    assert "count(status) is 3" in told(outcome, project)
    assert "paid" not in told(outcome, project)


def test_nothing_is_kept_of_a_stored_value_of_personal_data(tmp_path: Path) -> None:
    shop(tmp_path, more="  expect max(amount) changes < 1%\n  expect avg(amount) changes < 1%")
    text = (tmp_path / "shop.feat").read_text().replace("decimal(12, 2)", "decimal(12, 2) pii")
    outcome = run(shop(tmp_path, text=text))

    largest, mean = outcome.record.checks
    assert (largest.status, largest.kept) == (CheckStatus.SKIPPED, None)
    assert mean.kept is not None
    assert "20.50" not in outcome.record.to_json()


# Scans


def test_all_measures_of_a_set_are_taken_in_one_scan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = "\n".join(
        f"  expect {e}"
        for e in (
            "amount > 0 allow 99%",
            "avg(amount) > 0",
            "sum(amount) > count()",
            "distinct(status) < 9",
            "rows() > 0",
            "rows() changes < 10%",
            "null_rate(status) < 50%",
            "freshness < 90d",
        )
    )
    project = shop(tmp_path, more=more)
    asked: list[str] = []
    execute = Session.execute

    def counting(self: Session, statement: Any, *args: Any, **kwargs: Any) -> Any:
        if kwargs.get("doing") == "checking `orders`":
            asked.append(statement.sql("duckdb"))
        return execute(self, statement, *args, **kwargs)

    monkeypatch.setattr(Session, "execute", counting)
    assert run(project).ok

    # One for the duplicates of the key, one for everything else.
    assert len(asked) == 2
    assert sum("AVG" in q.upper() or "SUM(" in q.upper() for q in asked) <= 2


# Changes


@pytest.mark.parametrize(
    ("expectation", "first", "second", "holds", "measured"),
    [
        ("rows() changes < 50%", 2, 3, False, "3 after 2, a change of 50%"),
        ("rows() changes <= 50%", 2, 3, True, "3 after 2, a change of 50%"),
        ("rows() changes < 50%", 4, 3, True, "3 after 4, a change of 25%"),
        ("max(amount) changes < 60%", 2, 5, False, "5.00 after 2.00, a change of 150%"),
        ("count(where amount > 9) changes < 1%", 3, 3, True, "0 after 0, a change of 0%"),
        (
            "count(where amount > 3) changes < 999%",
            3,
            4,
            False,
            "1 after 0, a change of more than any share",
        ),
        ("avg(amount where amount > 9) changes < 1%", 3, 3, True, "null after null"),
        ("distinct(status) changes <= 0%", 3, 4, True, "1 after 1, a change of 0%"),
        ("null_rate(amount) changes < 1%", 3, 4, True, "0 after 0.0, a change of 0%"),
    ],
)
def test_a_change_is_a_share_of_the_last_number(
    tmp_path: Path,
    expectation: str,
    first: int,
    second: int,
    holds: bool,
    measured: str,
) -> None:
    more = f"  expect {expectation}"
    amounts = [f"{i}.00" for i in range(1, 9)]
    before = run(shop(tmp_path, more=more, data={"orders.csv": orders(*amounts[:first])}))
    project = shop(tmp_path, more=more, data={"orders.csv": orders(*amounts[:second])})
    after = run(project, as_of=day(1))

    assert before.ok
    assert "no earlier run to compare with" in check(before, "changes").measured
    assert codes(after) == ([] if holds else ["FD0715"])
    assert check(after, "changes").measured == measured


def test_only_runs_that_published_are_compared_with(tmp_path: Path) -> None:
    more = "  expect rows() changes < 50%"
    one, four = orders("1"), orders("1", "2", "3", "4")

    run(shop(tmp_path, more=more, data={"orders.csv": one}))
    failed = run(shop(tmp_path, more=more, data={"orders.csv": four}), as_of=day(1))
    trial = run(shop(tmp_path, more=more, data={"orders.csv": one}), publish=False, as_of=day(2))
    loose = shop(tmp_path, more="  expect rows() changes < 400%", data={"orders.csv": four})
    again = run(loose, as_of=day(3))
    last = run(shop(tmp_path, more=more, data={"orders.csv": four}), as_of=day(4))

    assert [o.ok for o in (failed, trial, again, last)] == [False, True, True, True]
    assert check(again, "changes").measured == "4 after 1, a change of 300%"
    assert check(last, "changes").measured == "4 after 4, a change of 0%"


def test_a_day_that_is_computed_again_is_compared_with_the_day_before(tmp_path: Path) -> None:
    def computed(number: int, rows: int) -> str:
        data = {"orders.csv": orders(*["1"] * rows)}
        project = shop(tmp_path, more="  expect rows() changes < 1000%", data=data)
        return check(run(project, as_of=day(number)), "changes").measured

    said = [computed(number, rows) for number, rows in ((0, 1), (2, 4), (3, 8), (2, 5), (1, 2))]
    # Neither with itself, nor with what was computed of later days.
    assert said == [
        "1; no earlier run to compare with",
        "4 after 1, a change of 300%",
        "8 after 4, a change of 100%",
        "5 after 1, a change of 400%",
        "2 after 1, a change of 100%",
    ]
    # Of a day that was computed twice the newer counts.
    assert computed(3, 10) == "10 after 5, a change of 100%"


def test_a_sample_is_not_compared_with_a_whole_run(tmp_path: Path) -> None:
    features = "  expect rows() changes < 1%"
    run(shop(tmp_path, features=features))
    outcome = run(shop(tmp_path, features=features), publish=False, sample=0.5)

    assert check(outcome, "changes").status is CheckStatus.SKIPPED


# Drift


def test_the_index_is_that_of_its_definition() -> None:
    # Shares 1/2, 1/2, 0, 0 then; 2/5, 2/5, 1/5, 0 now; an empty bin counts as 0.0001.
    worked = 2 * (0.4 - 0.5) * math.log(0.4 / 0.5) + (0.2 - FLOOR) * math.log(0.2 / FLOOR)

    assert stability_index([2, 2, 0, 0], [2, 2, 1, 0]) == pytest.approx(worked, rel=1e-12)
    assert stability_index([3, 1], [6, 2]) == 0


def test_numbers_are_compared_in_the_deciles_of_the_last_run(tmp_path: Path) -> None:
    more = "  expect drift(amount) < 0.1 warn"
    ten = [f"{i}.00" for i in range(1, 11)]
    before = run(shop(tmp_path, more=more, data={"orders.csv": orders(*ten)}))
    mixed = shop(tmp_path, more=more, data={"orders.csv": orders(*reversed(ten))})
    same = run(mixed, as_of=day(1))
    # The largest goes: nine rows in the nine bins below 9.00, none above.
    moved = run(shop(tmp_path, more=more, data={"orders.csv": orders(*ten[:9])}), as_of=day(2))

    kept = check(before, "drift").kept
    assert kept == KeptUse(
        measure="shop.orders: drift(amount): decimal(12, 2)",
        edges=tuple(ten[:9]),
        counts=(1,) * 10 + (0,),
    )
    assert check(same, "drift").measured == "the index is 0"
    # 9 * (1/9 - 1/10) ln(10/9) + (0.0001 - 1/10) ln(0.0001 / 0.1) = 0.010536 + 0.690085
    worked = 9 * (1 / 9 - 0.1) * math.log(10 / 9) + (FLOOR - 0.1) * math.log(FLOOR / 0.1)
    assert check(moved, "drift").measured == f"the index is {worked:.4g}" == "the index is 0.7006"
    assert check(moved, "drift").status is CheckStatus.WARNED


def test_texts_are_compared_value_by_value_and_nulls_apart(tmp_path: Path) -> None:
    more = "  expect drift(status) < 9"
    before = run(shop(tmp_path, more=more, data={"orders.csv": FIVE}))
    renamed = {"orders.csv": FIVE.replace("open", "new")}
    after = run(shop(tmp_path, more=more, data=renamed), as_of=day(1))

    kept = check(before, "drift").kept
    assert kept is not None
    assert (kept.edges, kept.counts) == (("paid", "open"), (3, 1, 0, 1))
    # `open` had 1/5 and has none, `new` is among the others: 1/5 after none.
    worked = 2 * (0.2 - FLOOR) * math.log(0.2 / FLOOR)
    assert check(after, "drift").measured == f"the index is {worked:.4g}"


@pytest.mark.parametrize("values", [(), ("",), ("5", "5", "5"), ("1e9", "-1e9", "")])
def test_any_distribution_is_the_same_as_itself(tmp_path: Path, values: tuple[str, ...]) -> None:
    settings = {"more": "  expect drift(amount) < 0.001", "amount": "float"}
    data = {"orders.csv": orders(*values)}
    run(shop(tmp_path, data=data, **settings))
    outcome = run(shop(tmp_path, data=data, **settings), as_of=day(1))

    said = check(outcome, "drift").measured
    assert said == ("the index is 0" if values else "no rows now: nothing to compare")


def test_drift_of_a_feature_and_of_truth(tmp_path: Path) -> None:
    features = "  big = sum(amount) > 10\n  expect drift(big) < 0.2\n  expect drift(spend_30d) < 9"
    run(shop(tmp_path, features=features))
    outcome = run(shop(tmp_path, features=features), as_of=day(1))

    kept = [c.kept for c in outcome.record.checks if c.kept is not None]
    assert [k.edges for k in kept] == [("false", "true"), ("5.25", "30.50")]
    assert outcome.ok


# Distances


def test_the_distance_is_that_of_its_definition() -> None:
    # Shares up to each end: 1/4, 2/4, 3/4, 1 then; 1/5, 2/5, 3/5, 1 now.
    assert distance([1, 1, 1, 1], [1, 1, 1, 2]) == Fraction(3, 20)
    assert distance([3, 1], [6, 2]) == 0
    assert distance([5, 0], [0, 7]) == 1


def test_numbers_are_compared_at_the_percentiles_of_the_last_run(tmp_path: Path) -> None:
    more = "  expect ks(amount) < 0.3 warn\n  expect ks(amount) <= 0.3"
    ten = [f"{i}.00" for i in range(1, 11)]
    before = run(shop(tmp_path, more=more, data={"orders.csv": orders(*ten, "", "")}))
    moved = [f"{i}.00" for i in range(4, 14)]
    after = run(shop(tmp_path, more=more, data={"orders.csv": orders(*moved, "")}), as_of=day(1))

    kept = next(c.kept for c in before.record.checks if c.kind == "ks")
    # Of ten values the percentiles are the values; those that are null count in a bin of their own.
    assert kept == KeptUse(
        measure="shop.orders: ks(amount): decimal(12, 2)",
        edges=tuple(ten),
        counts=(1,) * 10 + (0, 2),
    )
    # Three of ten were up to 3.00, now none is; so it stays up to 10.00: 10/10 and 7/10.
    said = [(c.status, c.measured) for c in after.record.checks if c.kind == "ks"]
    assert said == [
        (CheckStatus.WARNED, "the distance is 0.3"),
        (CheckStatus.PASSED, "the distance is 0.3"),
    ]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 29, 99, 100, 101, 113, 250, 1_000])
def test_percentiles_are_exact_whatever_the_number_of_rows(size: int) -> None:
    with Session() as session:
        found = distribution(
            session,
            lambda: exp.select().from_(f"(SELECT CAST(i AS BIGINT) AS x FROM range({size}) t(i))"),
            build.col("x"),
            INT,
            PERCENTILES,
        )

    # The smallest value with at least p in a hundred not above it, of 0, 1, …
    worked = [math.ceil(Fraction(p * size, 100)) - 1 for p in range(1, 100)]
    assert [int(e) for e in found.edges] == list(dict.fromkeys(worked))


@pytest.mark.parametrize("values", [(), ("",), ("5", "5", "5"), ("1e9", "-1e9", "")])
def test_the_distance_of_any_distribution_from_itself_is_nothing(
    tmp_path: Path, values: tuple[str, ...]
) -> None:
    settings = {"more": "  expect ks(amount) < 0.001", "amount": "float"}
    data = {"orders.csv": orders(*values)}
    run(shop(tmp_path, data=data, **settings))
    outcome = run(shop(tmp_path, data=data, **settings), as_of=day(1))

    said = check(outcome, "ks").measured
    assert said == ("the distance is 0" if any(values) else "no values now: nothing to compare")


# Failing rows


def test_failing_rows_are_kept_beside_the_record(tmp_path: Path) -> None:
    project = shop(tmp_path, more="  expect amount > 6 warn", data={"orders.csv": FIVE})
    outcome = run(project)

    path = project.target_dir / "failing" / f"{outcome.record.run}.json"
    (found,) = json.loads(path.read_text())["checks"]
    assert (found["subject"], found["text"], found["failing"]) == ("shop.orders", "amount > 6", 2)
    assert found["columns"] == ["order_id", "ordered_at", "amount"]
    assert found["rows"] == [
        ["3", "2026-01-25 10:00:00", "5.25"],
        ["5", "2026-01-27 10:00:00", "-1.00"],
    ]
    assert f"2 rows kept in target/failing/{outcome.record.run}.json" in told(outcome, project)


def test_rows_without_a_value_are_none_of_those_that_share_one(tmp_path: Path) -> None:
    data = {"orders.csv": FIVE + "6,3,2026-01-28 10:00:00,2.00,\n"}
    project = shop(tmp_path, more="  expect unique(status) warn", data=data)
    outcome = run(project)

    path = project.target_dir / "failing" / f"{outcome.record.run}.json"
    (found,) = json.loads(path.read_text())["checks"]
    assert (found["failing"], found["rows"]) == (3, [["paid", "3"]])


def test_a_condition_without_columns_on_rows_without_keys_shows_no_rows(tmp_path: Path) -> None:
    text = TEXT_OF_VIEW.replace("@", "1 = 2 warn")
    outcome = run(shop(tmp_path, text=text))

    assert (outcome.ok, codes(outcome)) == (True, ["FD0715"])
    assert check(outcome, "row_condition").failing == 3


TEXT_OF_VIEW = """
entity customer { key customer_id: int }

source orders {
  from csv "orders.csv"
  entity customer
  columns { customer_id: int required }
}

view all_of_them from orders { expect @ }

features spend for customer from all_of_them { orders = count() }
"""


def test_no_more_than_a_hundred_are_kept_and_a_failed_run_keeps_them_too(tmp_path: Path) -> None:
    data = {"orders.csv": orders(*["1"] * 150)}
    project = shop(tmp_path, more="  expect amount > 6\n  expect unique(amount) warn", data=data)
    outcome = run(project)

    path = project.target_dir / "failing" / f"{outcome.record.run}.json"
    rows, shared = json.loads(path.read_text())["checks"]
    assert not outcome.ok
    assert (len(rows["rows"]), rows["failing"]) == (100, 150)
    assert (shared["columns"], shared["rows"]) == (["amount", "rows"], [["1.00", "150"]])


def test_personal_data_are_hidden_in_what_is_kept_and_a_trial_keeps_nothing(
    tmp_path: Path,
) -> None:
    shop(tmp_path, more='  expect status != "paid" warn')
    text = (tmp_path / "shop.feat").read_text().replace("status:      text", "status: text pii")
    project = shop(tmp_path, text=text)
    outcome = run(project)
    run(project, publish=False)

    (path,) = (project.target_dir / "failing").iterdir()
    assert path.stem == outcome.record.run
    assert "paid" not in json.dumps(json.loads(path.read_text())["checks"][0]["rows"])
    assert "***" in path.read_text()


# Labels. Orders in the week after: 1, 0, 1 and 1; of the other four rows they are not known.


@pytest.mark.parametrize(
    ("expectation", "status", "measured"),
    [
        ("expect orders_next between 0 and 1", CheckStatus.PASSED, "0 of 8 rows (0%) fail"),
        ("expect orders_next > 0", CheckStatus.FAILED, "1 of 8 rows (12.5%) fail"),
        ("expect sum(orders_next) = 3", CheckStatus.PASSED, "sum(orders_next) is 3"),
        ("expect null_rate(orders_next) < 50%", CheckStatus.FAILED, None),
        ("expect customer_id < 9", CheckStatus.FAILED, "1 of 8 rows (12.5%) fail"),
        ("expect other > 0", CheckStatus.SKIPPED, None),
    ],
)
@pytest.mark.parametrize("inside", [False, True])
def test_expectations_of_labels_are_checked_with_a_training_set(
    tmp_path: Path, expectation: str, status: CheckStatus, measured: str | None, inside: bool
) -> None:
    label = "orders_next: int = count() over next 7d"
    other = "\n  other = count() over next 9d"
    new = f"{label} {{{{ {expectation} }}}}" if inside else f"{label}\n  {expectation}"
    found = trained(project_of(tmp_path, text=TEXT.replace(label, new + other)))

    name = "shop.ahead.orders_next" if inside else "shop.ahead"
    (use,) = [c for c in found.outcome.record.checks if c.subject == name]
    assert use.status is status
    assert measured in (None, use.measured)
    assert bool(found.rows) is (status is not CheckStatus.FAILED)


def test_a_label_that_goes_by_another_name_is_found_by_its_own(tmp_path: Path) -> None:
    label = "orders_next: int = count() over next 7d"
    text = TEXT.replace(label, f"{label}\n  expect customer_id > 0 and orders_next > 0")
    text = text.replace("customer_id: int\n    asked_at", "who: int\n    asked_at")
    text = text.replace(
        'source asked {{\n  from csv "asked.csv"\n  entity customer',
        'source asked {{\n  from csv "asked.csv"\n  entity customer (who)',
    )
    data = {"asked.csv": ASKED.replace("customer_id", "who")}
    found = trained(project_of(tmp_path, text=text, data=data))

    (use,) = [c for c in found.outcome.record.checks if c.subject == "shop.ahead"]
    assert use.measured == "1 of 8 rows (12.5%) fail"


def test_a_change_is_one_of_training_sets_too(tmp_path: Path) -> None:
    dataset = f"{DATASET}\n  expect rows() changes < 10%"
    trained(project_of(tmp_path, dataset=dataset), publish=True)
    data = {"asked.csv": ASKED + "1,2026-02-01 00:00:00,false,web\n"}
    found = trained(project_of(tmp_path, dataset=dataset, data=data))

    (use,) = [c for c in found.outcome.record.checks if c.subject == "shop.churn"]
    assert use.measured == "9 after 8, a change of 12.5%"


# Words


@pytest.mark.parametrize(
    ("expectation", "words"),
    [
        (
            "avg(amount) between 5 and 9",
            "Over all rows, average of `amount` lies between 5 and 9 (both included); null passes.",
        ),
        ("rows() not between 5 and 9", "The number of rows is not from 5 to 9."),
        (
            "rows() changes < 20%",
            "`count()` changes, since the last published run, by less than 20%.",
        ),
        ("distinct(status) <= 2", "The number of different values of `status` is at most 2."),
        (
            "drift(amount) < 0.2",
            "The distribution of `amount` has moved, since the last published run, by a population "
            "stability index of less than 0.2.",
        ),
        (
            "ks(amount) < 0.1",
            "The largest distance of the distribution of `amount` from that of the last published "
            "run, of the shares of values up to any number, is less than 10%.",
        ),
    ],
)
def test_an_expectation_is_told_in_words(tmp_path: Path, expectation: str, words: str) -> None:
    project = shop(tmp_path, more=f"  expect {expectation}")

    assert compiled(project).manifest().sources[0].expectations[0].words == words
