"""``featc get``: what requests are answered, and why others are not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from answering import TEXT, written


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return written(tmp_path)


def cells(out: str) -> list[list[str]]:
    """The table's rows, split at white space."""
    return [line.split() for line in out.splitlines() if line and not line.startswith("─")]


# Of customer 1 there are 10.00 and 30.00, both within 30 days of 2024-01-03: the mean is 20, a
# cart of 40.00 is twice that, and more than the floor of 20.00. Of customer 2 there is 5.00: 8
# times. Of 9 there is nothing: no mean to divide by, 0 lines, so not high.
def test_published_values_and_what_rests_on_inputs(featc, project):
    assert featc("run", cwd=project).status == 0
    done = featc("get", "risk", "1", "2", "9", "--input", "total=40", "--input", "cart.item=a")

    assert done.status == 0, done.err
    assert cells(done.out)[0] == ["shop.risk", "5", "features"]
    assert done.out.splitlines()[1].startswith("as of 2024-01-03 00:00 UTC, published by the run ")
    assert cells(done.out)[2:] == [
        ["customer_id", "lines", "mean", "times", "high", "item"],
        ["1", "2", "20", "2", "true", "a"],
        ["2", "1", "5", "8", "true", "a"],
        ["9", "0", "null", "null", "false", "a"],
    ]


def test_json(featc, project):
    featc("run", cwd=project)
    done = featc("get", "risk", "1", "--input", "total=10.00", "--null", "item", "--json")

    assert set(done.json) == {"dataset", "as_of", "run", "keys", "features", "rows"}
    assert done.json["as_of"] == "2024-01-03T00:00:00Z"
    assert done.json["rows"] == [
        {
            "key": {"customer_id": 1},
            "known": True,
            "values": {"lines": 2, "mean": 20.0, "times": 0.5, "high": False, "item": None},
        }
    ]


def test_a_key_that_does_not_exist_is_null_and_told(featc, project):
    listed = TEXT.replace("{ key customer_id: int }", "{ key customer_id: int  from payments }")
    (project / "shop.feat").write_text(listed)
    featc("run", cwd=project)
    done = featc("get", "risk", "9", "--input", "total=40", "--input", "item=a")

    assert cells(done.out)[-2] == ["9", "null", "null", "null", "null", "null"]
    assert done.out.splitlines()[-1] == "there is no customer_id 9 at the as-of time"
    again = featc("get", "risk", "9", "--input", "total=40", "--input", "item=a", "--json")
    assert [row["known"] for row in again.json["rows"]] == [False]


def test_what_is_wrong_with_the_command_line(featc, project):
    featc("run", cwd=project)
    wrong: list[tuple[list[str], str]] = [
        (["risk"], "error: `risk` is of each customer: whose values?"),
        (["risk", "x"], "error: `x` is no int, which the key `customer_id` is"),
        (["risk", "1", "--input", "total"], "error: `--input total` is no NAME=VALUE"),
        (
            ["risk", "1", "--input", "total=1", "--null", "total"],
            "error: the input `total` is given twice",
        ),
    ]
    for arguments, message in wrong:
        told = featc("get", *arguments)
        assert (told.status, told.errors) == (2, [message])
    told = featc("get", "rsk", "1")
    assert (told.status, "did you mean `risk`?" in told.err) == (1, True)


def test_an_input_that_has_two_names_stands_once(featc, project):
    featc("run", cwd=project)
    told = featc("get", "risk", "1", "--input", "total=1", "--input", "cart.total=1")
    assert told.errors == ["error[FD0640 unknown-input]: the input `total` is given twice"]


ASKED = ("get", "risk", "1", "--input", "total=40", "--input", "item=a")


def test_nothing_was_published(featc, project):
    told = featc(*ASKED, cwd=project)
    assert (told.status, told.errors) == (
        1,
        ["error[FD0740 not-published]: `shop.bought`, `shop.fit` were never published"],
    )


def test_a_part_was_published(featc, project):
    featc("run", "bought.mean", cwd=project)
    told = featc(*ASKED)
    assert told.errors == ["error[FD0740 not-published]: `shop.fit` was never published"]
    featc("run", cwd=project)
    featc("run", "bought.mean", cwd=project)
    assert featc(*ASKED).errors == [
        "error[FD0741 stale-values]: what `risk` reads was published by 2 runs"
    ]


def test_personal_data_are_published_in_no_file(featc, project):
    text = TEXT.replace("  item: text }", "  item: text pii }").replace(
        "item = cart.item", "item = (cart.item is null) = (max(item) is null)"
    )
    (project / "shop.feat").write_text(text)
    featc("run", cwd=project)

    (told,) = featc(*ASKED).errors
    assert told == "error[FD0742 unanswerable]: `risk` cannot be answered from published values"
    pointers = json.loads((project / "target/current/dev.json").read_text())
    columns = pointers["sets"]["shop.fit"]["parts"]["columns"]
    assert columns and "text" not in {c["dtype"] for c in columns}
    named = text.replace("= (max(item) is null)", "= hidden").replace(
        "  ## What it is.", "  ## Hidden.\n  hidden = max(item) is null\n  ## What it is."
    )
    (project / "shop.feat").write_text(named)
    featc("run", cwd=project)
    assert featc(*ASKED).status == 0


def test_csv_keeps_no_types(featc, project):
    featc("run", "--format", "csv", cwd=project)
    (told,) = featc(*ASKED).errors
    assert "published as csv, which keeps no types" in told


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("avg(amount) over 30d", "avg(amount) over 60d"),  # it has no name of its own
        ("mean = avg(amount)", "mean = max(amount)"),
        ("  time at\n", "  time at\n  drop when amount < 0\n"),
    ],
)
def test_values_of_another_meaning_are_no_answer(featc, project, old, new):
    featc("run", cwd=project)
    (project / "shop.feat").write_text(TEXT.replace(old, new))

    told = featc(*ASKED)
    assert told.status == 1
    assert told.errors[0].startswith(("error[FD0741", "error[FD0740"))
    featc("run", cwd=project)
    assert featc(*ASKED).status == 0


def test_what_rests_on_inputs_is_that_of_today(featc, project):
    featc("run", cwd=project)
    changed = TEXT.replace("times = cart.total / avg", "twice = 2 * cart.total / avg")
    (project / "shop.feat").write_text(changed.replace("  ## Lines.", "  ## How many."))

    done = featc(*ASKED)
    assert done.status == 0, done.err
    assert cells(done.out)[-1] == ["1", "2", "20", "4", "true", "a"]


def test_parameters_are_those_of_the_run(featc, project):
    featc("run", "--param", "floor=50", cwd=project)

    assert cells(featc(*ASKED).out)[-1] == ["1", "2", "20", "2", "false", "a"]
    told = featc(*ASKED, "--param", "floor=30")
    assert told.errors == [
        "error[FD0741 stale-values]: `$floor` is 30.00 (command line), and was 50.00 in the run "
        + told.errors[0].rpartition(" ")[2]
    ]


def test_a_key_without_rows_may_not_be_known(featc, project):
    before = "  ## What it is.\n  before = bought.lines 30d ago\n  item"
    (project / "shop.feat").write_text(TEXT.replace("  ## What it is.\n  item", before))
    featc("run", cwd=project)

    assert featc(*ASKED).status == 0
    told = featc("get", "risk", "9", "--input", "total=40", "--input", "item=a")
    assert told.errors[0].startswith("error[FD0742 unanswerable]: a customer that is asked about")


def test_a_run_of_nothing_but_requests_publishes_keys(featc, project):
    text = TEXT.replace("include bought.*, fit.*", "include fit.item")
    (project / "shop.feat").write_text(text)
    featc("run", cwd=project)

    assert cells(featc("get", "risk", "1", "--input", "item=z").out)[-1] == ["1", "z"]
    pointers = json.loads((project / "target/current/dev.json").read_text())
    assert "customer_id" in {c["name"] for c in pointers["sets"]["shop.fit"]["columns"]}
    listed = text.replace("{ key customer_id: int }", "{ key customer_id: int  from payments }")
    (project / "shop.feat").write_text(listed)
    (told,) = featc("get", "risk", "1", "--input", "item=z").errors
    assert told.startswith("error[FD0741 stale-values]: other keys of `customer` exist than when")
