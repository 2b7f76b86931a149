"""Frames and files in place of declared ones: the same contract, the same messages."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typed_events import ROWS, arrow, nullable

import featdsl

EVERYTHING = slice(None)


def failing(project: featdsl.Project, events: object) -> featdsl.Diagnostics:
    with pytest.raises(featdsl.RunError) as failed:
        project.snapshot("newest", sources={"events": events})
    return failed.value.diagnostics


def test_a_missing_column_is_told_with_the_nearest_one(shop: featdsl.Project) -> None:
    (found,) = failing(shop, nullable(EVERYTHING).rename(columns={"amount": "amuont"}))

    assert found.code == "FD0705"
    assert found.message == "the data of `events` have no column `amount`"
    assert (found.file, found.line, found.column) == ("shop.feat", 14, 5)
    assert found.help == "did you mean `amuont`?"
    assert '`sources["events"]` has 8 columns' in str(found)


def test_a_column_of_another_type_is_told(shop: featdsl.Project) -> None:
    (found,) = failing(shop, nullable(EVERYTHING).assign(amount=["1", "2", "3"]))

    assert (found.code, found.message) == (
        "FD0706",
        "`amount` of `events` is declared decimal(12, 2), but it holds text",
    )
    assert 'sources["events"]' in str(found)


def test_values_that_do_not_fit_are_told_with_their_rows(shop: featdsl.Project) -> None:
    (found,) = failing(shop, nullable(EVERYTHING).assign(amount=[1.0, 2.125, 3.0]))

    assert found.code == "FD0707"
    assert found.notes == ('the first: row 2 of sources["events"]',)


def test_a_missing_required_value_is_told_with_its_row(shop: featdsl.Project) -> None:
    (found,) = failing(shop, nullable(EVERYTHING).assign(seen_at=[pd.NaT, *[pd.Timestamp(0)] * 2]))

    assert found.code == "FD0708"
    assert found.notes == ('the first: row 1 of sources["events"]',)


def test_a_key_twice_is_told(shop: featdsl.Project) -> None:
    twice = pd.concat([nullable(EVERYTHING)] * 2)

    assert [d.code for d in failing(shop, twice)] == ["FD0710"]


@pytest.mark.parametrize("make", ["absolute", "relative", "text", "pattern", "odd"])
def test_a_parquet_file_stands_in_for_the_declared_one(
    shop: featdsl.Project, tmp_path: Path, make: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "else where [1]"
    folder.mkdir()
    path = folder / "ev*nts.parquet"
    pq.write_table(arrow(EVERYTHING), path)
    monkeypatch.chdir(folder)
    given = {
        "absolute": path,
        "relative": path.name,
        "text": str(path),
        "pattern": "*.parquet",
        "odd": path,
    }[make]

    assert shop.snapshot("newest", sources={"events": given}).rows() == ROWS


def test_a_csv_file_stands_in_for_a_parquet_file(shop: featdsl.Project, tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    nullable(EVERYTHING).to_csv(path, index=False)

    assert shop.preview("newest.spent", sources={"events": path}).rows() == [
        (1, ROWS[0][8]),
        (2, None),
    ]


def test_a_file_that_is_not_there_is_told(shop: featdsl.Project, tmp_path: Path) -> None:
    found = failing(shop, tmp_path / "nothing.parquet")

    assert [d.code for d in found] == ["FD0701"]


def test_names_of_the_caller_mean_nothing(shop: featdsl.Project, tmp_path: Path) -> None:
    events = nullable(EVERYTHING)

    with pytest.raises(featdsl.RunError) as failed:
        shop.snapshot("newest")

    assert len(events) == 3
    assert [d.code for d in failed.value.diagnostics] == ["FD0701"]


def test_sources_that_are_not_asked_for_are_not_read(quickstart: featdsl.Project) -> None:
    result = quickstart.snapshot("profile", as_of="2026-10-01")

    assert list(result.report.read) == ["retail.customers"]


def test_unknown_sources_and_things_that_are_no_data_are_refused(shop: featdsl.Project) -> None:
    with pytest.raises(featdsl.ArgumentError, match="did you mean `events`"):
        shop.snapshot("newest", sources={"evnts": nullable(EVERYTHING)})
    with pytest.raises(TypeError, match=r'sources\["events"\] must be .* not list'):
        shop.snapshot("newest", sources={"events": [1, 2]})
    with pytest.raises(ValueError, match="neither Parquet nor CSV"):
        shop.snapshot("newest", sources={"events": "events.xlsx"})


def test_sources_without_names_are_refused(shop: featdsl.Project) -> None:
    with pytest.raises(TypeError, match=r"sources must be a mapping.*not list"):
        shop.snapshot("newest", sources=[nullable(EVERYTHING)])  # type: ignore[arg-type]


def test_columns_with_one_name_are_refused(shop: featdsl.Project) -> None:
    frame = nullable(EVERYTHING)
    frame.columns = pd.Index([*frame.columns[:-1], "BIG"])

    with pytest.raises(ValueError, match="`big` and `BIG`"):
        shop.snapshot("newest", sources={"events": frame})


def test_a_lazy_frame_is_to_be_collected(shop: featdsl.Project) -> None:
    import polars as pl

    with pytest.raises(TypeError, match="collect"):
        shop.snapshot("newest", sources={"events": pl.DataFrame(arrow(EVERYTHING)).lazy()})


def test_an_arrow_table_is_read_in_place(shop: featdsl.Project) -> None:
    from featdsl.runs.frames import read_frame

    table = arrow(EVERYTHING)

    frame = read_frame(table, "given")

    read = [c.chunk(0).buffers()[1].address for c in frame.data.columns]
    assert read == [c.chunk(0).buffers()[1].address for c in table.columns]


def test_a_frame_of_strings_of_pandas_2_is_text(shop: featdsl.Project) -> None:
    frame = nullable(EVERYTHING).astype({"name": pd.CategoricalDtype()})

    assert shop.snapshot("newest", sources={"events": frame}).rows() == ROWS


def test_an_unreadable_arrow_type_is_refused(shop: featdsl.Project) -> None:
    table = arrow(EVERYTHING).drop_columns("weight")
    halves = pa.array([1.0, 2.0, 3.0], pa.float16())

    (found,) = failing(shop, table.append_column("weight", halves))

    assert (found.code, "halffloat" in found.message) == ("FD0706", True)
