"""Training sets from Python: rows in are rows out, in order, under their index."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from typed_events import arrow

import featdsl

EVENTS = {"events": arrow(slice(None))}
UNTIL = "2026-02-01"
SPINE = {
    "note": ["b", "a", "b", "c", "d", "e"],
    "customer_id": [2, 1, 2, 99, None, 1],
    "as_of": [
        datetime(2026, 1, 6, 1),
        datetime(2026, 1, 5),
        datetime(2026, 1, 6, 1),
        datetime(2026, 1, 6),
        datetime(2026, 1, 6),
        None,
    ],
}
FEATURES = [
    (None, 1, False, Decimal(0)),
    (None, 0, True, Decimal("1234567890.22")),
    (None, 1, False, Decimal(0)),
    (None, 0, False, Decimal(0)),
    (None, None, None, None),
    (None, None, None, None),
]
SPLIT = ["train", "train", "train", "train", "train", None]
ROWS = [
    (*keys, *found, split)
    for keys, found, split in zip(zip(*SPINE.values(), strict=True), FEATURES, SPLIT, strict=True)
]


def table() -> pa.Table:
    schema = pa.schema(
        {"note": pa.string(), "customer_id": pa.int64(), "as_of": pa.timestamp("us")}
    )
    return pa.table(SPINE, schema=schema)


def frame() -> pd.DataFrame:
    return table().to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get)


KINDS: dict[str, Callable[[], Any]] = {
    "pandas": frame,
    "polars": lambda: pl.from_arrow(table()),
    "arrow": table,
}


@pytest.mark.parametrize("kind", [*KINDS, "parquet", "csv"])
def test_rows_of_a_spine_come_out_in_their_order(
    kind: str, shop: featdsl.Project, tmp_path: Path, held: str
) -> None:
    if kind in ("parquet", "csv"):
        spine: Any = tmp_path / f"spine.{kind}"
        frame().to_parquet(spine) if kind == "parquet" else frame().to_csv(spine, index=False)
    else:
        spine = KINDS[kind]()

    result = shop.training_set("coming", spine=spine, labels_until=UNTIL, sources=EVENTS)

    assert result.columns == (*SPINE, "spent", "events", "comes", "spends", "split")
    assert result.rows() == ROWS
    assert result.keys == tuple(SPINE)
    assert (result.report.spine, result.report.rows, result.report.unknown) == (6, 6, 2)


def test_the_index_of_a_pandas_spine_is_kept(shop: featdsl.Project, held: str) -> None:
    spine = frame().set_index(pd.Index(["x", "y", "x", None, 7, 3.5], name="visit"))

    result = shop.training_set("coming", spine=spine, labels_until=UNTIL, sources=EVENTS)

    found = result.pandas()
    assert found.index.equals(spine.index)
    assert found.index.name == "visit"
    assert found["note"].tolist() == SPINE["note"]
    assert found["spends"].tolist() == [row[3] for row in FEATURES]


def test_rows_that_are_left_out_are_left_out_of_the_index(shop: featdsl.Project, held: str) -> None:
    spine = frame().set_index(pd.Index(list("uvwxyz")))
    until = datetime(2026, 1, 12, 12)

    result = shop.training_set(
        "coming", spine=spine, labels_until=until, mature=True, sources=EVENTS
    )

    whole = shop.training_set("coming", spine=spine, labels_until=until, sources=EVENTS)
    assert result.columns == whole.columns
    assert result.pandas().index.tolist() == ["v"]
    assert result.pandas().loc["v", "note"] == "a"
    assert (result.report.spine, result.report.dropped, whole.report.dropped) == (6, 5, 0)
    assert len(whole) == 6
    assert whole.report.immature == {"comes": 4, "spends": 4}
    assert whole.report.until == {"shop.events": until}


def test_without_a_spine_it_is_the_declared_one(shop: featdsl.Project) -> None:
    result = shop.training_set("coming", sources=EVENTS)

    assert result.columns[:3] == ("event_id", "customer_id", "seen_at")
    assert len(result) == 3
    assert result.report.until == {"shop.events": datetime(2026, 1, 6)}


def test_an_empty_spine_gives_an_empty_set_of_the_same_types(
    shop: featdsl.Project, held: str
) -> None:
    whole = shop.training_set("coming", spine=frame(), labels_until=UNTIL, sources=EVENTS)

    empty = shop.training_set("coming", spine=frame().iloc[:0], labels_until=UNTIL, sources=EVENTS)

    assert empty.rows() == []
    assert empty.types == whole.types


TIME = datetime(2026, 1, 6)
CARRIED = [
    (pd.to_timedelta(["1h", None]), "duration", [timedelta(hours=1), None]),
    (np.array([2**64 - 1, 1], dtype="uint64"), "decimal(38, 0)",
     [Decimal(2**64 - 1), Decimal(1)]),
    (np.array([0.5, np.nan], dtype="float32"), "float", [0.5, None]),
    (np.array([1, 2], dtype="int8"), "int", [1, 2]),
    (pd.Categorical(["a", None]), "text", ["a", None]),
    (pd.to_datetime(["2026-01-01", None]).tz_localize("Europe/Vienna"), "timestamp",
     [datetime(2025, 12, 31, 23), None]),
    (pl.Series([[1.5], None]), "list(float)", [[1.5], None]),
    (pl.Series(["a", None], dtype=pl.Categorical), "text", ["a", None]),
    (pa.array([None, None]), "text", [None, None]),
]  # fmt: skip


@pytest.mark.parametrize(("column", "dtype", "values"), CARRIED)
def test_columns_of_a_spine_come_along_with_their_values(
    shop: featdsl.Project, column: Any, dtype: str, values: list[Any]
) -> None:
    asked = {"customer_id": [1, 1], "as_of": [TIME, TIME]}
    makers = {"polars": pl.DataFrame, "pyarrow": pa.table}
    make = makers.get(type(column).__module__.partition(".")[0], pd.DataFrame)

    result = shop.training_set(
        "coming", spine=make({**asked, "x": column}), labels_until=UNTIL, sources=EVENTS
    )

    assert result.types["x"] == dtype
    assert [row[2] for row in result.rows()] == values


def test_a_column_that_no_result_can_have_is_refused(shop: featdsl.Project) -> None:
    spine = table().append_column("x", pa.array([b"x"] * 6))

    with pytest.raises(featdsl.RunError, match="`x` is of the type blob"):
        shop.training_set("coming", spine=spine, sources=EVENTS)
    with pytest.raises(TypeError, match=r"spine (must|cannot) be"):
        shop.training_set("coming", spine=pd.Series([1, 2]), sources=EVENTS)


def test_a_missing_column_of_the_spine_is_told(shop: featdsl.Project) -> None:
    with pytest.raises(featdsl.RunError) as failed:
        shop.training_set("coming", spine=frame().drop(columns="as_of"), sources=EVENTS)

    assert "as_of" in str(failed.value)


@pytest.mark.parametrize(
    ("index", "note", "remedy"),
    [
        (["customer_id"], "its columns: `note`, `as_of`", "`reset_index()` makes it a column"),
        (["customer_id", "as_of", "note"], "it has no columns", "`customer_id` is in the frame's"),
    ],
)
def test_a_key_in_the_index_of_a_spine_is_told_with_its_remedy(
    shop: featdsl.Project, index: list[str], note: str, remedy: str
) -> None:
    with pytest.raises(featdsl.RunError) as failed:
        shop.training_set("coming", spine=frame().set_index(index), sources=EVENTS)

    assert note in str(failed.value)
    assert remedy in str(failed.value)
    assert "NULL" not in str(failed.value)


def test_an_index_of_levels_without_names_is_told(shop: featdsl.Project) -> None:
    spine = frame().set_index(["customer_id", "as_of"]).rename_axis([None, None])

    with pytest.raises(featdsl.RunError, match=r"add the column; `reset_index\(\)` makes columns"):
        shop.training_set("coming", spine=spine, sources=EVENTS)


@pytest.mark.parametrize(
    ("column", "values", "remedy"),
    [
        ("as_of", ["2026-01-06"] * 6, "cast the column before it is handed in, in pandas"),
        ("customer_id", [1.5] * 6, "correct the values before they are handed in"),
    ],
)
def test_a_column_of_a_spine_that_does_not_fit_is_told_what_to_do_with_the_frame(
    shop: featdsl.Project, column: str, values: list[Any], remedy: str
) -> None:
    with pytest.raises(featdsl.RunError, match=remedy) as failed:
        shop.training_set("coming", spine=frame().assign(**{column: values}), sources=EVENTS)

    assert "declare" not in str(failed.value).partition("help:")[2]


@pytest.mark.parametrize("mature", ["yes", 1, None])
def test_whether_labels_are_known_is_true_or_false(shop: featdsl.Project, mature: Any) -> None:
    with pytest.raises(TypeError, match="mature must be True or False, not "):
        shop.training_set("coming", mature=mature, sources=EVENTS)
    assert shop.training_set("coming", mature=np.bool_(True), sources=EVENTS).report.dropped  # type: ignore[arg-type]


def test_an_end_of_labels_after_the_data_is_a_warning_of_the_report(shop: featdsl.Project) -> None:
    late = shop.training_set("coming", labels_until="2030-01-01", sources=EVENTS)
    own = shop.training_set("coming", sources=EVENTS)

    assert [w.code for w in late.report.warnings] == ["FD0724"]
    assert "leave `labels_until=…` out" in str(late.report.warnings)
    assert [w.code for w in own.report.warnings] == ["FD0725"]  # the windows are not over


def test_an_unknown_data_set_is_told_with_the_nearest(shop: featdsl.Project) -> None:
    with pytest.raises(ValueError, match="did you mean `coming`"):
        shop.training_set("comming", spine=frame())


def test_a_spine_that_is_no_data_is_refused(shop: featdsl.Project) -> None:
    with pytest.raises(TypeError, match="spine must be"):
        shop.training_set("coming", spine=[1, 2], sources=EVENTS)
    with pytest.raises(featdsl.RunError):
        shop.training_set("coming", spine="no.parquet", sources=EVENTS)


def test_a_data_set_stands_for_itself(shop: featdsl.Project) -> None:
    result = shop.training_set(shop.datasets[0], sources=EVENTS)

    assert len(result) == 3


def test_nothing_but_the_call_decides_what_a_name_means(shop: featdsl.Project) -> None:
    spine = frame()
    sys.modules[__name__].__dict__["events"] = spine

    result = shop.training_set("coming", spine=spine, labels_until=UNTIL, sources=EVENTS)

    assert result.rows() == ROWS


@pytest.mark.parametrize("seed", range(4))
def test_random_spines_come_out_as_they_went_in(shop: featdsl.Project, seed: int) -> None:
    r = Random(seed)
    times = [None, *(datetime(2026, 1, 5, hour) for hour in range(0, 24, 6))]
    rows = [(r.random(), r.choice([1, 2, 3, None]), r.choice(times)) for _ in range(30)]
    rows += r.choices(rows, k=10)
    schema = pa.schema({"x": pa.float64(), "customer_id": pa.int64(), "as_of": pa.timestamp("us")})
    columns = zip(*rows, strict=True)
    spine = pa.table(dict(zip(schema.names, map(list, columns), strict=True)), schema=schema)

    def computed(given: Any) -> featdsl.Result:
        return shop.training_set("coming", spine=given, labels_until=UNTIL, sources=EVENTS)

    result = computed(spine)

    assert [row[:3] for row in result.rows()] == rows
    assert computed(pl.from_arrow(spine)).rows() == result.rows()
    frame = spine.to_pandas().sample(frac=1, random_state=seed)
    shuffled = computed(frame).pandas()
    assert shuffled.index.equals(frame.index)
    assert shuffled.sort_index().equals(result.pandas())
    assert result.report.unknown == sum(key is None or time is None for _, key, time in rows)
