"""The record of what has been compared: slices are added once, and the page holds the table."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.harness import counts
from tests.harness.counts import Run, ran
from tests.harness.record import COMMITTED, LANES, Slice, Twice, joined, read, table, write

PAGE = Path(__file__).parents[2] / "docs" / "testing.md"
SOME = Slice("texts", "abc", 1, 21, 600, 1, "2.0.1", "30.30.0", "3.11.7")


def test_the_page_holds_what_the_record_says():
    assert table(read(COMMITTED)) in PAGE.read_text(encoding="utf-8")


def test_the_record_has_every_lane_and_no_seed_twice():
    slices = read(COMMITTED)
    assert {s.lane for s in slices} == {*LANES}
    assert joined(slices) == slices


def test_slices_side_by_side_are_one():
    behind = replace(SOME, first=21, next=31, compared=300, failures=0)
    assert joined([behind, SOME]) == [replace(SOME, next=31, compared=900)]


@pytest.mark.parametrize("change", [{"generator": "def"}, {"duckdb": "2.0.2"}])
def test_slices_of_other_kinds_stay_apart(change):
    other = replace(SOME, first=21, next=31, **change)
    assert len(joined([SOME, other])) == 2


def test_seeds_are_not_counted_twice():
    with pytest.raises(Twice):
        joined([SOME, replace(SOME, first=20, next=30, duckdb="2.0.2")])
    assert len(joined([SOME, replace(SOME, generator="def")])) == 2


def test_what_was_written_is_read(tmp_path):
    write(tmp_path / "counts.json", [SOME])
    assert read(tmp_path / "counts.json") == [SOME]
    assert read(tmp_path / "none.json") == []


def test_a_run_goes_on_behind_what_is_counted(tmp_path):
    path = tmp_path / "counts.json"
    first, failures = ran("texts", 5_000_000, size=1)
    assert first.compared == 61 and not failures
    write(path, [first])
    run = Run(path, ["texts"], until=0, seed_from=5_000_000)
    run.go(1)
    assert run.slices == [first]
    assert run._next("texts") == 5_000_001
    assert run._next("pairs") == 5_000_000


def test_a_failure_is_told_with_its_seed_and_counted(monkeypatch):
    def fails(seed: int) -> str | None:
        return "differs" if seed == 7 else str(1 // (seed - 8)) and None

    lane = counts.Lane(fails, lambda: 0)
    monkeypatch.setattr(counts, "lanes", lambda: {"texts": lane})
    found, failures = ran("texts", 5, size=5)
    assert found.failures == 2
    assert failures[0] == "texts, seed 7: differs"
    assert failures[1].startswith("texts, seed 8: Traceback")


def test_another_file_is_merged_into_the_record(monkeypatch, tmp_path, capsys):
    record, file = tmp_path / "record.json", tmp_path / "here.json"
    write(record, [SOME])
    write(file, [replace(SOME, first=100, next=120)])
    monkeypatch.setattr(counts, "COMMITTED", record)
    assert counts.main(["--merge", str(file)]) == 0
    assert "| 1,200 |" in capsys.readouterr().out
    with pytest.raises(Twice):
        counts.main(["--merge", str(file)])
    assert [s.first for s in read(record)] == [1, 100]
