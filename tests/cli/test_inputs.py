"""Features that rest on an input, on the command line: who computes them, who leaves them out."""

from __future__ import annotations

from pathlib import Path

import pytest

TEXT = """
## A customer.
entity customer { key customer_id: int }

## What was paid.
source payments {
  from csv "payments.csv"
  columns { customer_id: int required  at: timestamp required  amount: decimal(12, 2) }
  time at
  entity customer
}

## Carts about to be paid.
source carts {
  from csv "carts.csv"
  columns { customer_id: int required  asked_at: timestamp  total: decimal(12, 2) }
  entity customer
}

## What is in the cart.
input cart { total: decimal(12, 2) "What it would cost" }

## What fits.
features fit for customer from payments {
  owner "risk@example.com"
  ## Paid.
  paid = sum(amount)
  ## Times the mean.
  times = cart.total / avg(amount)
  ## And half of it.
  half = times / 2
}

## What a model learns from.
dataset risk for customer {
  owner "risk@example.com"
  spine carts at asked_at
  include fit.*
}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "featc.toml").write_text('[project]\nname = "shop"\ndata_dir = "."\n')
    (tmp_path / "shop.feat").write_text(TEXT)
    (tmp_path / "payments.csv").write_text(
        "customer_id,at,amount\n1,2024-01-01T00:00:00,10.00\n1,2024-01-02T00:00:00,30.00\n"
    )
    (tmp_path / "carts.csv").write_text(
        "customer_id,asked_at,total\n1,2024-01-03T00:00:00,40.00\n1,2024-01-03T00:00:00,10.00\n"
    )
    return tmp_path


def test_a_training_set_has_a_value_for_each_row(featc, project):
    assert featc("train", "risk", "--out", "risk.csv", cwd=project).status == 0
    assert (project / "risk.csv").read_text().splitlines() == [
        "customer_id,asked_at,total,paid,times,half",
        "1,2024-01-03 00:00:00,40.00,40.00,2.0,1.0",
        "1,2024-01-03 00:00:00,10.00,40.00,0.5,0.25",
    ]


def test_a_spine_that_is_handed_in_brings_the_column_in_its_type(featc, project):
    (project / "asked.csv").write_text("customer_id,as_of,total\n1,2024-01-03T00:00:00,80\n")

    done = featc("train", "risk", "--spine", "asked.csv", "--out", "risk.csv", cwd=project)
    assert done.status == 0, done.err
    assert (project / "risk.csv").read_text().splitlines()[1].endswith(",80.00,40.00,4.0,2.0")


def test_a_spine_without_the_column_stops(featc, project):
    (project / "asked.csv").write_text("customer_id,as_of\n1,2024-01-03T00:00:00\n")

    told = featc("train", "risk", "--spine", "asked.csv", cwd=project)
    assert told.status == 1
    assert told.errors == [
        "error[FD0718 missing-spine-column]: `asked.csv` has no column `total` for an input"
    ]


def test_a_run_leaves_them_out_and_says_so(featc, project):
    done = featc("run", "--as-of", "2024-01-05", "--format", "csv", cwd=project)

    assert done.status == 0
    assert "left out, since they rest on inputs: fit.times, fit.half" in done.out
    (file,) = project.glob("target/data/**/values.csv")
    assert file.read_text() == "customer_id,paid\n1,40.00\n"


def test_a_preview_of_the_group_leaves_them_out_and_says_so(featc, project):
    shown = featc("preview", "fit", "--as-of", "2024-01-05", cwd=project)

    assert "left out, since they rest on inputs: fit.times, fit.half" in shown.out
    assert "paid" in shown.out


def test_none_is_asked_for_by_itself(featc, project):
    assert featc("run", "times", "--as-of", "2024-01-05", cwd=project).errors == [
        "error[FD0613 selects-nothing]: selector `times` matches no feature"
    ]
    assert featc("preview", "half", cwd=project).errors == [
        "error: `shop.fit.half` rests on an input, and has no value before a request"
    ]


def test_sql_of_the_group_says_what_it_lacks(featc, project):
    made = featc("compile", "fit", cwd=project)

    assert "-- left out, since they rest on inputs: half, times" in made.out
    assert '"times"' not in made.out


def test_what_is_said_of_them(featc, project):
    assert "What it would cost" in featc("show", "cart", cwd=project).out
    shown = featc("show", "half", cwd=project).out
    assert "`cart.total` arrives with a request" in shown
    assert "shop.cart.total" in shown
    assert "shop.cart.total  input" in featc("lineage", "half", cwd=project).out
    manifest = featc("compile", "--emit", "manifest", cwd=project).json
    assert manifest["inputs"][0]["columns"] == [
        {
            "name": "total",
            "dtype": "decimal(12, 2)",
            "required": False,
            "pii": False,
            "description": "What it would cost",
            "used_by": ["shop.fit.times", "shop.fit.half"],
        }
    ]
    assert {f["short"]: f["inputs"] for f in manifest["features"]} == {
        "paid": [],
        "times": ["shop.cart.total"],
        "half": ["shop.cart.total"],
    }


def test_the_documentation_names_the_columns(featc, project):
    assert featc("docs", "--out", "site", cwd=project).status == 0
    pages = {p.name: p.read_text() for p in (project / "site").rglob("*.html")}
    (page,) = [text for name, text in pages.items() if "half" in name]
    assert "shop.cart.total" in page
    assert "the SQL of data sets that include it computes it" in page


def test_an_input_of_another_namespace(featc, project):
    text, rest = TEXT.split("## What is in the cart.")
    line, rest = rest.lstrip("\n").split("\n", 1)
    (project / "shop.feat").write_text("use web.cart\n" + text + rest)
    (project / "web.feat").write_text("namespace web\n\n## What is in the cart.\n" + line + "\n")

    assert featc("check", cwd=project).status == 0
    assert featc("train", "risk", "--out", "risk.csv", cwd=project).status == 0
    assert (project / "risk.csv").read_text().splitlines()[1].endswith(",40.00,40.00,2.0,1.0")


def test_one_that_nothing_reads_is_told(featc, project):
    (project / "more.feat").write_text("## Unread.\ninput idle { x: int }\n")

    told = featc("check", cwd=project)
    assert "warning[FD0903 unused]: the input `idle` is not used" in told.out + told.err


def test_a_group_of_nothing_else_has_no_output(featc, project):
    lines = TEXT.replace("  ## Paid.\n  paid = sum(amount)\n", "")
    (project / "shop.feat").write_text(lines)

    assert featc("train", "risk", "--out", "risk.csv", cwd=project).status == 0
    assert featc("docs", "--out", "site", cwd=project).status == 0
    told = featc("preview", "fit", cwd=project)
    assert told.errors == [
        "error: `shop.fit.times` rests on an input, and has no value before a request"
    ]
    assert featc("compile", "fit", cwd=project).status != 0


def test_what_would_be_written_out_without_end_is_an_error(featc, project):
    doubled = "".join(f"  ## More.\n  f{i + 1} = f{i} + f{i}\n" for i in range(60))
    text = TEXT.replace("  ## Paid.", f"  ## First.\n  f0 = cart.total\n{doubled}  ## Paid.")
    (project / "shop.feat").write_text(text)

    (told,) = featc("check", cwd=project).errors
    assert told == (
        "error[FD0228 expansion]: with what rests on inputs written out, this has more than "
        "2,000 parts"
    )


def test_the_selftest_leaves_them_out(featc, project):
    done = featc("selftest", "--as-of", "2024-01-05", cwd=project)

    assert done.status == 0, done.out + done.err


def test_sql_of_one_is_that_of_a_data_set(featc, project):
    shown = featc("show", "half", "--sql", cwd=project)

    assert shown.status == 2
    assert shown.errors == ["error: `shop.fit.half` rests on an input, and has no SQL of its own"]
    assert '"spine"."total"' in featc("show", "risk", "--sql", cwd=project).out
    assert "times: float" in featc("show", "risk", "--plan", cwd=project).out


def test_a_selection_of_nothing_else_is_no_selection_of_all(featc, project):
    text = TEXT.replace("include fit.*", "include fit.times")
    (project / "shop.feat").write_text(text)

    assert featc("run", "dataset:risk", "--as-of", "2024-01-05", cwd=project).errors == [
        "error[FD0613 selects-nothing]: selector `dataset:risk` matches no feature"
    ]


EXPECTING = TEXT.replace(
    "  times = cart.total / avg(amount)\n",
    "  times = cart.total / avg(amount) { expect times < 2 }\n",
)


def test_what_rests_on_an_input_is_checked_in_training_sets(featc, project):
    (project / "shop.feat").write_text(EXPECTING)

    told = featc("train", "risk", "--out", "risk.csv", cwd=project)
    assert told.status == 1
    assert "times < 2" in told.err
    assert not (project / "risk.csv").exists()
    (project / "shop.feat").write_text(EXPECTING.replace("times < 2", "times <= 2"))
    assert featc("train", "risk", "--out", "risk.csv", cwd=project).status == 0


def test_the_expectations_of_a_group_that_name_it_too(featc, project):
    text = TEXT.replace("  ## Paid.", "  expect half < times\n  expect avg(half) > 1\n  ## Paid.")
    (project / "shop.feat").write_text(text)

    told = featc("train", "risk", "--json", cwd=project)
    assert told.status == 1  # the means of 1 and 0.25 are 0.625
    checks = {c["text"]: (c["subject"], c["status"]) for c in told.json["checks"]}
    assert checks == {
        "half < times": ("shop.fit", "passed"),
        "avg(half) > 1": ("shop.fit", "failed"),
    }


WHERE = TEXT.replace(
    "  times =", "  above = count(where amount > cart.total)\n  ## Times.\n  times ="
)
CASE = """
test "each cart by itself" {
  given payments
    | customer_id | at         | amount |
    | 1           | 2024-01-01 | 10.00  |
    | 1           | 2024-01-02 | 30.00  |
  given carts
    | customer_id | asked_at   | total |
    | 1           | 2024-01-03 | 20.00 |
    | 1           | 2024-01-03 | 5.00  |
  then risk
    | customer_id | asked_at   | total | above |
    | 1           | 2024-01-03 | 20.00 | 1     |
    | 1           | 2024-01-03 | 5.00  | 2     |
}
"""


def test_what_is_sent_decides_which_rows_count(featc, project):
    (project / "shop.feat").write_text(WHERE + CASE)

    assert featc("train", "risk", "--out", "risk.csv", cwd=project).status == 0
    header, *rows = (project / "risk.csv").read_text().splitlines()
    place = header.split(",").index("above")
    assert [row.split(",")[place] for row in rows] == ["0", "1"]  # above 40, above 10
    tested = featc("test", "--coverage", cwd=project)
    assert tested.status == 0, tested.out + tested.err
    shown = featc("show", "above", cwd=project)
    assert "cart.total" in shown.out
    assert featc("show", "above", "--plan", cwd=project).status != 0
    assert "shop.cart.total" in featc("lineage", "above", cwd=project).out
    made = featc("compile", "risk", "--dialect", "postgres", cwd=project)
    assert made.status == 0, made.err
    assert featc("docs", "--out", "site", cwd=project).status == 0


def test_no_request_is_answered_of_rows_by_what_is_sent(featc, project):
    (project / "shop.feat").write_text(WHERE)
    featc("run", "--as-of", "2024-01-05", cwd=project)

    (told,) = featc("get", "risk", "1", "--input", "total=20", cwd=project).errors
    assert told == ("error[FD0742 unanswerable]: `above` cannot be answered from published values")


def test_a_run_skips_such_checks_and_says_why(featc, project):
    (project / "shop.feat").write_text(EXPECTING)

    done = featc("run", "--as-of", "2024-01-05", "--json", cwd=project)
    checks = done.events[-1]["record"]["checks"]
    assert [(c["status"], c["measured"]) for c in checks] == [
        ("skipped", "it is about features that rest on inputs: training sets are asked")
    ]


def test_a_required_input_is_null_nowhere(featc, project):
    (project / "shop.feat").write_text(TEXT.replace('12, 2) "What', '12, 2) required "What'))
    (told,) = featc("check", cwd=project).errors
    assert told.endswith("which is required, and `carts.total` may be null")
    text = TEXT.replace('12, 2) "What', '12, 2) required "What').replace(
        "spine carts at asked_at", ""
    )
    (project / "shop.feat").write_text(text)
    (project / "asked.csv").write_text(
        "customer_id,as_of,total\n1,2024-01-03T00:00:00,\n1,2024-01-03T00:00:00,5\n"
    )
    (told,) = featc("train", "risk", "--spine", "asked.csv", cwd=project).errors
    assert told == "error[FD0708 nulls-in-required]: `total` of asked.csv is null in 1 row"
    featc("run", "--as-of", "2024-01-05", cwd=project)
    (told,) = featc("get", "risk", "1", "--null", "total", cwd=project).errors
    assert told == "error[FD0642 input-value]: the input `total`: it is null, and is required"


PERSONAL = TEXT.replace('12, 2) "What', '12, 2) pii "What').replace(
    "cart.total / avg(amount)", "if cart.total is null then 1.5 else 2.5"
)


def test_a_personal_input_is_read_and_shown_nowhere(featc, project):
    (project / "shop.feat").write_text(PERSONAL)
    (project / "asked.csv").write_text("customer_id,as_of,total\n1,2024-01-03T00:00:00,80\n")

    done = featc("train", "risk", "--spine", "asked.csv", "--out", "risk.csv", cwd=project)
    assert done.status == 0, done.err
    featc("run", "--as-of", "2024-01-05", cwd=project)
    told = featc("get", "risk", "1", "--input", "total=4411", cwd=project)
    assert told.status == 0
    told = featc("get", "risk", "1", "--input", "total=4411 2233", cwd=project)
    assert "4411" not in told.err + told.out
    assert "pii" in featc("show", "cart", cwd=project).out


def test_the_column_of_a_personal_input_stays_in_the_source(featc, project):
    column = "timestamp  total: decimal(12, 2)"
    text = PERSONAL.replace(column, f"{column} pii")
    (project / "shop.feat").write_text(text)

    assert featc("train", "risk", "--out", "risk.csv", cwd=project).status == 0
    assert (project / "risk.csv").read_text().splitlines()[:2] == [
        "customer_id,asked_at,paid,times,half",
        "1,2024-01-03 00:00:00,40.00,2.5,1.25",
    ]
    made = featc("compile", "risk", "--dialect", "postgres", cwd=project)
    assert made.status == 0, made.err
