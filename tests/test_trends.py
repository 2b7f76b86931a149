"""Early warnings: measures of a set that leave their level, or slide, over the runs before."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from shop import AS_OF, codes, published, run, shop, told

from featdsl.cli.main import run as featc
from featdsl.project.as_of import AsOf
from featdsl.project.load import load_project
from featdsl.runs.execute import Outcome
from featdsl.runs.trend_stats import LEAST_SHIFT, LEAST_SLIDE, Shift, level_shift, slow_slide
from featdsl.store.trends import TrendUse

PROBLEMS = Path(__file__).parent / "problems"

# Median 10; deviations from it 0 six times, 1 four times, 2 twice: their median is 0.5.
TWELVE = [10, 11, 9, 10, 12, 8, 10, 11, 9, 10, 10, 10]
DEVIATION = 1.4826 * 0.5


def day(number: int) -> AsOf:
    """As of so many days after the first run."""
    return replace(AS_OF, instant=AS_OF.instant + timedelta(days=number))


# The statistics, worked by hand.


@pytest.mark.parametrize(
    ("newest", "shifted"),
    [
        (12 + 6 * DEVIATION + 0.001, True),
        (12 + 6 * DEVIATION - 0.001, False),
        (8 - 6 * DEVIATION - 0.001, True),
        (8 - 6 * DEVIATION + 0.001, False),
        (10, False),
    ],
)
def test_a_shift_lies_six_deviations_beyond_all_that_was_seen(newest: float, shifted: bool) -> None:
    found = level_shift(TWELVE, newest, 0.1)

    assert (found is not None) is shifted
    if found is not None:
        assert found == Shift(usual=10, deviation=pytest.approx(DEVIATION))


def test_the_least_deviation_keeps_a_constant_history_from_crying() -> None:
    constant = [100.0] * 12

    assert level_shift(constant, 105.9, 1.0) is None
    assert level_shift(constant, 106.1, 1.0) == Shift(usual=100, deviation=1.0)


def test_a_short_history_says_nothing() -> None:
    assert level_shift(TWELVE[: LEAST_SHIFT - 1], 1e9, 0.1) is None
    assert slow_slide(list(range(LEAST_SLIDE)), 0.1) is None
    assert slow_slide(list(range(LEAST_SLIDE + 1)), 0.1) is not None


def test_one_value_that_stood_out_hides_no_shift_in_a_long_history() -> None:
    one = [*TWELVE, *TWELVE[:8], 1000]
    two = [*one, 1000]

    assert level_shift(one, 500, 0.1) is not None
    assert level_shift(two, 500, 0.1) is None
    assert level_shift([*TWELVE, 1000], 500, 0.1) is None


def test_days_of_the_week_are_no_shifts() -> None:
    # Low on two days of seven: a robust deviation does not see them, the range does.
    weeks = [100, 101, 99, 100, 102, 10, 12] * 3

    for place in range(7):
        assert level_shift(weeks[:14] + weeks[14 : 14 + place], weeks[14 + place], 1.0) is None
    assert level_shift(weeks[:19], 60, 1.0) is None
    assert level_shift(weeks[:18], 200, 1.0) is not None


def test_a_slide_is_a_line_through_medians() -> None:
    # Every later one is larger: 120 of 120 pairs, of which one is taken. The variance of their
    # count is 16 * 15 * 37 / 18 = 493.3, the standard error 22.2: 5.4 of them speak for a trend.
    # The slopes' median is 1; from a line of that slope half of the values lie 0.2 above, half 0.2
    # below the level 0.2. They follow their neighbours not at all, so with a standard error of
    # 1/4: sqrt(1.25 / 0.75) = 1.29, and 5.4 / 1.29 = 4.2 errors are more than 3.2.
    found = slow_slide([i + 0.4 * (i % 2) for i in range(16)], 0.01)

    assert found is not None
    assert (found.start, found.end, found.slope) == pytest.approx((0.2, 15.2, 1.0))


def test_what_goes_up_and_down_does_not_slide() -> None:
    assert slow_slide([i % 5 for i in range(30)], 0.01) is None
    assert slow_slide([1.0] * 30, 0.01) is None


def test_a_slide_that_leads_nowhere_is_none() -> None:
    # 0.15 in all: of a least deviation of 0.05 that is three.
    assert slow_slide([0.01 * i for i in range(16)], 0.05) is None
    assert slow_slide([0.01 * i for i in range(16)], 0.03) is not None


def test_a_step_is_no_slide() -> None:
    # 64 of 120 pairs, with a smaller variance for the ties (8880 - 2 * 1176) / 18 = 362.7: 3.3
    # errors; but what lies beside the line follows its neighbours, so that they count for less.
    assert slow_slide([0.0] * 8 + [1.0] * 8, 0.001) is None


# Runs.


def orders(number: int, *, without: int = 0, amount: float = 10.0) -> str:
    """Orders of so many customers on one day; of some the status is missing."""
    rows = [
        f"{i},{i},2026-01-25 10:00:00,{amount + i % 7:.2f},{'' if i < without else 'paid'}"
        for i in range(number)
    ]
    return "\n".join(["order_id,customer_id,ordered_at,amount,status", *rows]) + "\n"


FEATURES = "  status = last(status)\n  expect null_rate(status) < 30%"


def ran(folder: Path, number: int, content: str, features: str = FEATURES) -> Outcome:
    """The run of a day, with other orders."""
    return run(shop(folder, features=features, data={"orders.csv": content}), as_of=day(number))


@pytest.fixture(scope="module")
def twelve(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with twelve runs that are about the same."""
    folder = tmp_path_factory.mktemp("steady")
    for i in range(LEAST_SHIFT):
        outcome = ran(folder, i, orders(200 + i % 3, without=2))
        assert (codes(outcome), outcome.record.trends) == ([], ())
    return folder


@pytest.fixture
def steady(twelve: Path, tmp_path: Path) -> Path:
    shutil.copytree(twelve, tmp_path, dirs_exist_ok=True)
    return tmp_path


def is_told(outcome: Outcome, folder: Path, code: str) -> None:
    """Compare what a run tells with the text that is kept of it."""
    text, path = told(outcome, load_project(folder)), PROBLEMS / f"{code}.txt"
    if os.environ.get("FEATC_UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert f"[{code} " in text
    assert text == path.read_text(encoding="utf-8")


def measures(outcome: Outcome) -> dict[tuple[str | None, str], TrendUse]:
    return {(t.feature, t.measure): t for t in outcome.record.trends}


def test_a_run_like_those_before_tells_nothing(steady: Path) -> None:
    outcome = ran(steady, 12, orders(201, without=3))

    assert (codes(outcome), outcome.record.trends) == ([], ())
    (stage,) = [s for s in outcome.record.stages if s.name == "trends"]
    assert stage.detail == "0 early warnings, 12 earlier runs"


def test_a_measure_that_leaves_its_level_is_told_and_recorded(steady: Path) -> None:
    outcome = ran(steady, 12, orders(200, without=50))

    assert outcome.ok
    assert codes(outcome) == ["FD0840"]
    ((key, found),) = measures(outcome).items()
    assert key == ("shop.spend.status", "null rate")
    words = "the null rate of `status` is 25%; in the 12 runs before: 0.99% to 1%, mostly 0.995%"
    assert found.words == words
    assert (found.kind, found.now, found.runs, found.new) == ("shift", 0.25, 12, True)
    assert found.before == pytest.approx(2 / 201)
    # By chance 1 of 201 may be null in a set of 201 rows: sqrt(p (1 - p) / n).
    chance = (2 / 201 * 199 / 201 / 201) ** 0.5
    assert found.deviation == pytest.approx(chance, rel=0.01)
    (problem,) = outcome.record.problems
    assert problem.message == f"`shop.spend`: {words}"


def test_several_measures_are_told_at_once(steady: Path) -> None:
    outcome = ran(steady, 12, orders(100, amount=90))

    assert codes(outcome) == ["FD0840"]
    assert {m for _, m in measures(outcome)} >= {"rows", "mean", "median"}
    is_told(outcome, steady, "FD0840")


def test_of_another_meaning_there_is_no_history(steady: Path) -> None:
    features = FEATURES.replace("last(status)", 'last(status where status != "x")')
    outcome = ran(steady, 12, orders(200, without=50), features)

    assert (codes(outcome), outcome.record.trends) == ([], ())


def test_only_earlier_days_of_the_same_target_are_compared_with(steady: Path) -> None:
    much = orders(200, without=50)

    early = ran(steady, 3, much)  # only three days lie before it
    project = shop(steady, features=FEATURES, data={"orders.csv": much}, settings="[targets.prod]")
    prod = load_project(steady, target="prod")
    other = run(prod, as_of=day(12))
    trial = run(project, as_of=day(12), publish=False)

    assert [o.record.trends for o in (early, other, trial)] == [(), (), ()]


def test_a_slide_is_told_once_and_again_when_a_bound_is_near(tmp_path: Path) -> None:
    told_on = {}
    for i in range(20):
        outcome = ran(tmp_path, i, orders(200, without=2 * i))
        assert outcome.ok
        told_on[i] = codes(outcome)

    (found,) = outcome.record.trends
    assert (found.kind, found.feature, found.measure) == ("slide", "shop.spend.status", "null rate")
    assert (found.before, found.now, found.runs) == pytest.approx((0.0, 0.19, 19))
    # At 19%, a hundredth more each run: 30% is reached in eleven runs.
    assert (found.breaks, found.left, found.new) == ("null_rate(status) < 30%", 11, False)
    assert found.words == (
        "the null rate of `status` rises run by run, from 0% to 19% in 20 runs; "
        "going on so, `null_rate(status) < 30%` fails in about 11 runs"
    )
    assert {i: c for i, c in told_on.items() if c} == {15: ["FD0841"]}

    again = ran(tmp_path, 20, orders(200, without=40))
    (problem,) = again.record.problems
    assert "fails in about 10 runs" in problem.message
    is_told(again, tmp_path, "FD0841")


def test_a_record_with_trends_is_read_again(steady: Path) -> None:
    ran(steady, 12, orders(200, without=50))
    again = ran(steady, 13, orders(200, without=50))

    # What the run before told is the level now: all that was seen has it in it.
    assert (codes(again), again.record.trends) == ([], ())


def test_early_warnings_are_shown_where_people_look(
    steady: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    words = "the null rate of `status` is 25%"
    ran(steady, 12, orders(200, without=50))

    def said(*command: str) -> str:
        capfd.readouterr()
        assert featc([*command, "--project", str(steady)]) == 0
        return capfd.readouterr().out

    assert f"shop.spend: {words}" in said("status")
    (shown,) = json.loads(said("status", "--json"))["sets"]
    assert [(t["feature"], t["measure"]) for t in shown["trends"]] == [
        ("shop.spend.status", "null rate")
    ]
    assert shown["needs"] is None
    assert f"shift  shop.spend: {words}" in said("runs", "show", "last")
    assert "warning[FD0840 level-shift]" in said("runs", "show", "last")
    said("docs")
    page = (steady / "target" / "site" / "runs.html").read_text("utf-8")
    assert "Early warning of" in page
    assert "is 25%; in the 12 runs before" in page


def test_a_gate_that_does_not_hold_leaves_readers_the_last_good_version(steady: Path) -> None:
    before = published(shop(steady, features=FEATURES))
    outcome = ran(steady, 12, orders(200, without=60))  # 30% is not less than 30%

    assert (outcome.ok, codes(outcome)) == (False, ["FD0715"])
    assert published(shop(steady, features=FEATURES)) == before

    warned = ran(steady, 12, orders(200, without=60), f"{FEATURES} warn")
    assert (warned.ok, codes(warned)) == (True, ["FD0840", "FD0715"])
    after = published(shop(steady, features=FEATURES))
    assert (after.run, len(after.rows)) == (warned.record.run, 200)
