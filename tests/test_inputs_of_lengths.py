"""Inputs that are lengths of time: handed in with a spine, or sent with a request."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

import featdsl
from featdsl.cli.main import run
from featdsl.compiler.pipeline import compile_text

TEXT = """
## A customer.
entity customer { key customer_id: int }

## Calls.
source calls {
  from csv "calls.csv"
  time at
  entity customer
  columns { customer_id: int required  at: timestamp required }
}

## How long the customer waited.
input call { waited: duration }

## Each pause.
input line { pauses: list(duration) }

## What came of it.
features patience for customer from calls {
  owner "a@example.com"
  ## Calls.
  calls = count()
  ## Hours.
  hours = call.waited / 1h
  ## Later.
  until = as_of + call.waited
}

## What came of the line.
features rest for customer from calls {
  owner "a@example.com"
  ## The first pause.
  first = element(line.pauses, 1) / 1s
}

## What is learned from.
dataset lines for customer {
  owner "a@example.com"
  include patience.*
}

## What is learned from pauses.
dataset pauses for customer {
  owner "a@example.com"
  include rest.*
}
"""
CALLS = "customer_id,at\n1,2024-01-01 09:00:00\n2,2024-01-01 10:00:00\n"
JAN = datetime(2024, 1, 5)


def project(folder: Path, text: str = TEXT) -> featdsl.Project:
    (folder / "data").mkdir()
    (folder / "featc.toml").write_text('[project]\nname = "shop"\n', encoding="utf-8")
    (folder / "t.feat").write_text(text, encoding="utf-8")
    (folder / "data" / "calls.csv").write_text(CALLS, encoding="utf-8")
    return featdsl.load(folder)


def spine(waited: list[object]) -> pd.DataFrame:
    rows = len(waited)
    return pd.DataFrame(
        {"customer_id": [1] * rows, "as_of": [JAN] * rows, "waited": pd.to_timedelta(waited)}
    )


def test_lengths_of_a_frame_are_read_exactly_and_come_out_as_they_were(tmp_path: Path) -> None:
    frame = project(tmp_path).training_set("lines", spine=spine(["90min", None, "-1us"])).pandas()

    assert [*frame.columns] == ["customer_id", "as_of", "waited", "calls", "hours", "until"]
    assert frame["waited"].dtype.kind == "m"
    assert frame["waited"].iloc[0] == timedelta(minutes=90)
    assert frame["hours"].iloc[0] == 1.5
    assert np.isnan(frame["hours"].iloc[1])
    assert frame["hours"].iloc[2] == -1 / 3_600_000_000
    assert frame["until"].iloc[0] == JAN + timedelta(minutes=90)
    assert frame["until"].iloc[2] == JAN - timedelta(microseconds=1)


def test_a_required_length_that_is_null_is_told(tmp_path: Path) -> None:
    shop = project(tmp_path, TEXT.replace("waited: duration", "waited: duration required"))
    with pytest.raises(featdsl.RunError, match="`waited` of spine is null in 1 row"):
        shop.training_set("lines", spine=spine(["1h", None]))


def test_intervals_of_a_file_are_read(tmp_path: Path) -> None:
    path = rows_of(tmp_path, "(interval 36 hour), (interval '2.5 second'), (null)")
    shop = project(tmp_path)

    hours = shop.training_set("lines", spine=path).pandas()["hours"]
    first = shop.training_set("pauses", spine=path).pandas()["first"]

    assert hours.tolist()[:2] == [36.0, 2.5 / 3600]
    assert np.isnan(hours.iloc[2])
    assert first.tolist()[:2] == [129600.0, 2.5]


@pytest.mark.parametrize("dataset", ["lines", "pauses"])
def test_months_have_no_length(tmp_path: Path, dataset: str) -> None:
    path = rows_of(tmp_path, "(interval 1 month), (interval 2 second)")
    with pytest.raises(featdsl.RunError) as told:
        project(tmp_path).training_set(dataset, spine=path)
    assert {d.code for d in told.value.diagnostics} == {"FD0707"}


def rows_of(folder: Path, values: str) -> Path:
    """A file of rows that hold intervals, and lists of them."""
    path = folder / "rows.parquet"
    query = (
        "select 1 customer_id, timestamp '2024-01-05' as_of, i waited, [i, null] pauses "
        f"from (values {values}) t(i)"
    )
    duckdb.connect().execute(f"copy ({query}) to '{path}' (format parquet)")
    return path


@pytest.mark.parametrize(
    ("text", "hours", "again"),
    [
        ("90min", 1.5, "90min"),
        ("-36h", -36.0, "-36h"),
        (" 1w ", 168.0, "1w"),
        ("+900s", 0.25, "15min"),
        ("14400500ms", 4 + 0.5 / 3600, "14400500ms"),
        ("0d", 0.0, "0w"),
        ("", None, None),
    ],
)
def test_a_length_in_csv_is_a_number_and_its_unit(
    tmp_path: Path, text: str, hours: float | None, again: str | None
) -> None:
    frame = project(tmp_path).training_set("lines", spine=csv_of(tmp_path, text)).pandas()
    if hours is None:
        assert frame[["hours", "waited"]].isna().all().all()
    else:
        assert frame["hours"].tolist() == [hours]
        assert frame["waited"].tolist() == [again]


@pytest.mark.parametrize("text", ["90", "90m", "1month", "1:30", "99999999999999999w", "1.5h"])
def test_csv_that_holds_no_length_is_told(tmp_path: Path, text: str) -> None:
    with pytest.raises(featdsl.RunError) as told:
        project(tmp_path).training_set("lines", spine=csv_of(tmp_path, text))
    assert {d.code for d in told.value.diagnostics} == {"FD0709"}


def csv_of(folder: Path, text: str) -> Path:
    path = folder / "rows.csv"
    path.write_text(f"customer_id,as_of,waited\n1,2024-01-05,{text}\n", encoding="utf-8")
    return path


def test_a_number_is_no_length(tmp_path: Path) -> None:
    rows = spine(["1h"]).assign(waited=[3600])
    with pytest.raises(featdsl.RunError, match="it holds int") as told:
        project(tmp_path).training_set("lines", spine=rows)
    assert {d.code for d in told.value.diagnostics} == {"FD0706"}


def test_a_request_sends_lengths(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project(tmp_path)
    assert run(["--project", str(tmp_path), "run", "--as-of", JAN.isoformat()]) == 0
    shop = featdsl.load(tmp_path)
    exact = timedelta(days=-1, microseconds=7)

    found = shop.evaluate(
        "lines", keys=[1, 2, 1], inputs={"waited": [exact, pd.Timedelta("90min"), pd.NaT]}
    ).pandas()
    lists = shop.evaluate("pauses", keys=[1], inputs={"pauses": [[exact, None]]}).pandas()
    trained = shop.training_set("lines", spine=spine([exact])).pandas()

    assert found["hours"].iloc[0] == exact / timedelta(hours=1)
    assert found["until"].iloc[0] == JAN + exact == trained["until"].iloc[0]
    assert found["hours"].iloc[1] == 1.5
    assert np.isnan(found["hours"].iloc[2])
    assert lists["first"].tolist() == [exact / timedelta(seconds=1)]
    for text, hours in (("90min", 1.5), ("-2d", -48.0)):
        capsys.readouterr()
        where = ["--project", str(tmp_path)]
        assert run([*where, "get", "lines", "1", f"--input=waited={text}", "--json"]) == 0
        (row,) = json.loads(capsys.readouterr().out)["rows"]
        assert row["values"]["hours"] == hours
    assert run([*where, "get", "pauses", "1", "--input=pauses=[90min, -1s]", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)["rows"]
    assert row["values"]["first"] == 5400.0


@pytest.mark.parametrize("value", ["90", "1month", "2000000d", "soon"])
def test_what_is_no_length_is_refused(
    tmp_path: Path, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    project(tmp_path)
    where = ["--project", str(tmp_path)]
    assert run([*where, "run", "--as-of", JAN.isoformat()]) == 0
    capsys.readouterr()
    assert run([*where, "get", "lines", "1", "--input", f"waited={value}"]) == 1
    assert "FD0642" in capsys.readouterr().err
    with pytest.raises(featdsl.ArgumentError):
        featdsl.load(tmp_path).evaluate("lines", keys=[1], inputs={"waited": 90})


OWN = """
source answers {
  from csv "answers.csv"
  entity customer
  columns { customer_id: int  came_at: timestamp  answered_at: timestamp }
}
view asked from answers {
  let waited = answered_at - came_at
}
dataset own for customer {
  spine asked at answered_at
  @LABEL@
  include patience.*
}
"""


def test_a_length_is_no_label() -> None:
    found = compile_text(TEXT + OWN.replace("@LABEL@", "label waited"))
    (told,) = (d for d in found.diagnostics if d.severity.name == "ERROR")
    assert told.code.id == "FD0311"
    assert "`waited` is a length of time" in told.message


def test_a_source_cannot_hold_what_a_view_makes() -> None:
    text = TEXT + OWN.replace("@LABEL@", "").replace("spine asked", "spine answers")
    found = compile_text(text)
    told = [d for d in found.diagnostics if d.severity.name == "ERROR"]
    assert {d.code.id for d in told} == {"FD0456"}
    assert "make it in a view" in told[0].helps[0]
