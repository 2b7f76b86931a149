"""Lists and maps from files to every output: what fits, what does not, and no value changed."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pytest

import featdsl
from featdsl.engines.duckdb import Session
from featdsl.runs import columns as results
from featdsl.runs.frames import given_frame
from featdsl.sql import statements

TEXT = """\
entity product {{ key sku: int }}

source vectors {{
  from parquet "vectors.parquet"
  entity product
  columns {{ sku: int required  x: {dtype} }}
}}

features vec for product from vectors {{
  x = x
}}
"""
ALL = {
    "n": "[1, null]::int[]",
    "e": "['nan'::float, 0.5::float, 'inf'::float]",
    "m": "map(['z', 'a'], [1.25::decimal(8, 2), null])",
    "d": "map([date '2024-01-02', date '1969-12-31'], [[1], [2, 3]])",
    "t": "[timestamptz '2024-01-01 00:00:00+02']",
    "b": "map([true, false], ['é\"x', ''])",
}
TYPES = {
    "n": "list(int)",
    "e": "list(float)",
    "m": "map(text, decimal(8, 2))",
    "d": "map(date, list(int))",
    "t": "list(timestamp)",
    "b": "map(bool, text)",
}
VALUES = (
    [1, None],
    [None, 0.5, None],
    {"a": None, "z": Decimal("1.25")},
    {date(1969, 12, 31): [2, 3], date(2024, 1, 2): [1]},
    [datetime(2023, 12, 31, 22)],
    {False: "", True: 'é"x'},
)


def project(folder: Path, text: str, rows: str) -> featdsl.Project:
    (folder / "data").mkdir()
    (folder / "featc.toml").write_text('[project]\nname = "p"\nas_of = "2024-02-01T00:00:00"\n')
    (folder / "t.feat").write_text(text)
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        path = folder / "data" / "vectors.parquet"
        connection.execute(f"copy ({rows}) to '{path}' (format parquet)")
    return featdsl.load(folder)


@pytest.fixture
def everything(tmp_path: Path) -> featdsl.Project:
    columns = "  ".join(f"{n}: {t}" for n, t in TYPES.items())
    features = "\n".join(f"  {n} = {n}" for n in TYPES)
    text = TEXT.format(dtype="text").replace("x: text", columns).replace("  x = x", features)
    full = ", ".join(f"{v} as {n}" for n, v in ALL.items())
    nulls = ", ".join("null" for _ in ALL)
    return project(tmp_path, text, f"select 1 as sku, {full} union all select 2, {nulls}")


@pytest.mark.parametrize("arrow", [True, False])
def test_values_come_out_as_they_are_stored_maps_in_the_order_of_keys(
    everything: featdsl.Project, arrow: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not arrow:
        monkeypatch.setattr(results, "find_spec", lambda name: None)

    result = everything.snapshot("vec")

    rows = result.rows()
    assert rows == [(1, *VALUES), (2, *[None] * 6)]
    assert [list(v) for v in rows[0][3:5]] == [["a", "z"], [date(1969, 12, 31), date(2024, 1, 2)]]
    assert result.types == {"sku": "int"} | TYPES
    frame = result.pandas()
    assert tuple(frame.iloc[0])[1:] == VALUES
    assert result.arrow().column("d").to_pylist()[0] == list(VALUES[3].items())
    assert result.polars()["n"].to_list() == [[1, None], None]


def test_files_hold_the_same_values(everything: featdsl.Project, tmp_path: Path) -> None:
    result = everything.snapshot("vec")

    parquet = result.write(tmp_path / "out.parquet")
    csv = pd.read_csv(result.write(tmp_path / "out.csv"), index_col="sku")
    (line, _) = (result.write(tmp_path / "out.jsonl")).read_text().splitlines()

    stored = pq.read_table(parquet).to_pylist()[0]
    assert stored["n"] == [1, None]
    assert stored["m"] == [("a", None), ("z", Decimal("1.25"))]
    written = {
        "n": [1, None],
        "e": [None, 0.5, None],
        "m": {"a": None, "z": 1.25},
        "d": {"1969-12-31": [2, 3], "2024-01-02": [1]},
        "t": ["2023-12-31 22:00:00"],
        "b": {"false": "", "true": 'é"x'},
    }
    assert json.loads(line) == {"sku": 1} | written
    assert {n: json.loads(csv.loc[1, n]) for n in written} == written


def test_a_frame_of_a_result_may_stand_in_place_of_the_file(everything: featdsl.Project) -> None:
    frame = everything.snapshot("vec").pandas()

    again = everything.snapshot("vec", sources={"vectors": frame})

    assert again.rows() == [(1, *VALUES), (2, *[None] * 6)]


@pytest.mark.parametrize(
    ("dtype", "value", "message"),
    [
        ("list(decimal(4, 1))", "[1.55::decimal(8, 2), null]", "a value would be lost"),
        ("list(int)", "[9223372036854775808::hugeint]", "a value would be lost"),
        ("map(text, int)", "map(['a'], [9223372036854775808::hugeint])", "a value would be lost"),
        ("map(date, int)", "map([timestamp '2024-01-01 10:00:00'], [1])", "a value would be lost"),
        ("map(float, int)", "map(['nan'::double], [1])", "a value would be lost"),
        ("list(list(int))", "[[1], [9223372036854775808::hugeint]]", "a value would be lost"),
        ("list(int)", "['1']", "holds lists: text"),
        ("list(int)", "1", "holds int"),
        ("map(text, int)", "map([1], [1])", "holds maps: int"),
        ("text", "['1']", "holds list(text)"),
    ],
)
def test_what_a_list_or_map_holds_fits_or_stops_the_run(
    tmp_path: Path, dtype: str, value: str, message: str
) -> None:
    found = project(tmp_path, TEXT.format(dtype=dtype), f"select 1 as sku, {value} as x")

    with pytest.raises(featdsl.RunError) as failed:
        found.snapshot("vec")

    assert message in str(failed.value)


@pytest.mark.parametrize(
    ("dtype", "value", "result"),
    [
        ("list(decimal(4, 1))", "[1.50::decimal(8, 2), null]", [Decimal("1.5"), None]),
        ("list(int)", "[7::hugeint, 8]", [7, 8]),
        ("map(int, float)", "map([2::smallint, 1], [1, null])", {1: None, 2: 1.0}),
        ("list(list(date))", "[[timestamp '2024-01-01'], []]", [[date(2024, 1, 1)], []]),
        ("list(float)", "[1.5::float, 2.0]::float[2]", [1.5, 2.0]),
        ("map(text, int)", "map([], [])", {}),
    ],
)
def test_items_are_converted_without_loss(tmp_path: Path, dtype: str, value: str, result: Any):
    found = project(tmp_path, TEXT.format(dtype=dtype), f"select 1 as sku, {value} as x")

    assert found.snapshot("vec").rows() == [(1, result)]


@pytest.mark.parametrize(
    ("values", "engine", "back"),
    [
        ([[1, 2], None, []], "BIGINT[]", None),
        ([[1.5, float("nan")], None], "DOUBLE[]", [[1.5, None], None]),
        ([(1, 2), [3]], "BIGINT[]", [[1, 2], [3]]),
        ([{"x": Decimal("1.50")}, {}, None], "MAP(VARCHAR, DECIMAL(3,2))", None),
        ([{True: [1]}, {False: [None]}], "MAP(BOOLEAN, BIGINT[])", None),
        ([{date(2024, 1, 1): 'é"x'}], "MAP(DATE, VARCHAR)", None),
        ([[datetime(2024, 1, 1, 0, 0, 0, 7)]], "TIMESTAMP[]", None),
        ([["a", "b"], ["c", "d"]], "VARCHAR[]", None),
    ],
)
def test_objects_in_frames_are_read_by_all_of_their_items(values, engine, back) -> None:
    frame = pd.DataFrame({"x": pd.Series(values, dtype=object)})

    with Session() as session:
        query = statements.star_from(given_frame(frame, "rows").load(session, "rows"))
        ((_, kind),) = session.columns(query)
        found = [row[0] for row in session.execute(query)]

    assert kind == engine
    assert found == (values if back is None else back)


EVENTS = """\
entity shop { key shop: int }

source vectors {
  from parquet "vectors.parquet"
  key n
  time at
  entity shop
  columns { shop: int required  n: int required  at: timestamp required }
}

features of for shop from vectors {
  x = CALL
}
"""


@pytest.mark.parametrize(
    "call", ["count(by n)", "histogram(n)", "collect(n)", "collect_distinct(n)"]
)
@pytest.mark.parametrize("rows", [1_000, 1_001])
def test_a_list_or_map_of_a_thousand_entries_is_whole_and_one_more_stops_the_run(
    tmp_path: Path, call: str, rows: int
) -> None:
    stored = f"select 1 as shop, range as n, timestamp '2024-01-01' as at from range({rows})"
    found = project(tmp_path, EVENTS.replace("CALL", call), stored)

    if rows == 1_000:
        ((_, value),) = found.snapshot("of").rows()
        assert list(value) == list(range(1_000))
        return
    with pytest.raises(featdsl.RunError) as failed:
        found.snapshot("of")
    assert [d.code for d in failed.value.diagnostics] == ["FD0825"]
