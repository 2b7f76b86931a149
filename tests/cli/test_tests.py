"""``featc test`` with `--update`, `--coverage` and `--output junit`."""

from __future__ import annotations

import os
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.cli.conftest import Featc

TESTS = """\
test "one week" {
  given sales
    | sale_id | customer_id | sold_at    | amount |
    | 1       | 1           | 2026-01-01 | 5.00   |
  at @2026-01-02
  then spend
    | customer_id | spend_7d | trend |
    | 1           | 6.00     |       |  # to be seen
}
"""
RIGHT = TESTS.replace("| 6.00     |       |", "| 5.00     | 1.0   |")


@pytest.fixture
def tested(shop: Path) -> Path:
    (shop / "tests.feat").write_text(TESTS)
    return shop


def test_a_narrow_terminal_loses_no_name_of_what_differs(
    featc: Featc, tested: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "60")
    narrow = featc("test", cwd=tested).out
    monkeypatch.setenv("COLUMNS", "100")
    wide = featc("test", cwd=tested).out

    assert (
        "    group     spend\n"
        "    key       customer_id 1\n"
        "    as of     2026-01-02 00:00 UTC\n"
        "    feature   spend_7d\n"
        "    expected  6.00\n"
        "    actual    5.00\n"
        "\n"
        "    group     spend\n"
    ) in narrow
    assert "    group  key            as of                 feature " in wide
    assert "…" not in narrow + wide


def test_update_rewrites_cells_and_says_which(featc: Featc, tested: Path) -> None:
    result = featc("test", "--update", cwd=tested)

    assert (result.status, result.out) == (0, "2 cells of tests.feat rewritten\n")
    assert (tested / "tests.feat").read_text() == RIGHT
    assert featc("test", cwd=tested).status == 0
    assert featc("test", "--update", cwd=tested).out == "0 cells rewritten\n"


def test_update_keeps_line_ends_and_the_mark_of_the_encoding(featc: Featc, tested: Path) -> None:
    before = b"\xef\xbb\xbf" + TESTS.replace("\n", "\r\n").encode()
    (tested / "tests.feat").write_bytes(before)

    assert featc("test", "--update", cwd=tested).status == 0
    assert (tested / "tests.feat").read_bytes() == (
        b"\xef\xbb\xbf" + RIGHT.replace("\n", "\r\n").encode()
    )


def test_update_leaves_rows_to_the_author(featc: Featc, tested: Path) -> None:
    text = TESTS.replace("    | 1           | 6.00 ", "    | 2           | 6.00 ")
    (tested / "tests.feat").write_text(text)
    result = featc("test", "--update", cwd=tested)

    assert result.status == 1
    assert "missing row" in result.out
    assert "unexpected row" in result.out
    assert (tested / "tests.feat").read_text() == text


def test_only_the_chosen_tests_are_rewritten(featc: Featc, tested: Path) -> None:
    other = TESTS.replace("one week", "another")
    (tested / "tests.feat").write_text(TESTS + other)
    result = featc("test", "another", "--update", cwd=tested)

    assert result.status == 0
    assert (tested / "tests.feat").read_text() == TESTS + RIGHT.replace("one week", "another")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_file_that_cannot_be_written_is_told(featc: Featc, tested: Path) -> None:
    tested.chmod(0o500)
    try:
        result = featc("test", "--update", cwd=tested)
    finally:
        tested.chmod(0o700)

    assert result.status == 1
    assert result.errors


def test_update_tells_its_result_as_json(featc: Featc, tested: Path) -> None:
    result = featc("test", "--update", "--json", cwd=tested)

    assert result.status == 0
    assert [len(t["differences"]) for t in result.json["tests"]] == [2]
    assert result.err == "2 cells of tests.feat rewritten\n"


@pytest.mark.parametrize("option", ["--update", "--coverage"])
def test_what_has_no_form_for_machines_is_a_usage_error(
    featc: Featc, tested: Path, option: str
) -> None:
    result = featc("test", option, "--output", "junit", cwd=tested)

    assert result.status == 2
    assert f"`{option}` cannot be shown as junit" in result.err


def test_junit_is_printed_alone(featc: Featc, tested: Path) -> None:
    result = featc("test", "--output", "junit", cwd=tested)

    suites = ElementTree.fromstring(result.out)
    assert (result.status, result.err) == (1, "")
    assert suites.attrib["failures"] == "1"


def test_junit_of_a_project_with_mistakes_has_an_error(featc: Featc, tested: Path) -> None:
    (tested / "wrong.feat").write_text("features a for nobody { }\n")
    result = featc("test", "--output", "junit", cwd=tested)

    assert result.status == 1
    assert ElementTree.fromstring(result.out).attrib["errors"] == "1"


def test_coverage_is_a_table_and_counts(featc: Featc, tested: Path) -> None:
    (tested / "tests.feat").write_text(RIGHT)
    result = featc("test", "--coverage", cwd=tested)

    assert result.status == 0
    told = result.out.split("\n\n", 1)[1]
    assert told == (
        "in               not reached                              place\n"
        "───────────────  ───────────────────────────────────────  ────────────\n"
        "spend.spend_7d   `where amount >= $floor` is never false  shop.feat:29\n"
        "spend.spend_7d   `default 0.00` is never used             shop.feat:29\n"
        "spend.spend_30d  `where amount >= $floor` is never false  shop.feat:29\n"
        "spend.spend_30d  `default 0.00` is never used             shop.feat:29\n"
        "\n"
        "✗ reached: 3 of 3 features, 2 of 2 windows, 2 of 6 branches\n"
    )


def test_coverage_of_chosen_tests_leaves_out_what_they_do_not_touch(
    featc: Featc, tested: Path
) -> None:
    (tested / "tests.feat").write_text(
        RIGHT.replace("| spend_7d | trend |", "| spend_7d |").replace(
            "| 5.00     | 1.0   |", "| 5.00 |"
        )
    )
    whole = featc("test", "--coverage", "--json", cwd=tested).json["coverage"]
    chosen = featc("test", "one week", "--coverage", "--json", cwd=tested).json["coverage"]

    assert whole["feature"] == {"reached": 1, "total": 3}
    assert chosen["feature"] == {"reached": 1, "total": 1}
    assert [m["kind"] for m in chosen["missing"]] == ["branch", "branch"]
    assert {m["of"] for m in whole["missing"] if m["kind"] == "feature"} == {
        "shop.spend.spend_30d",
        "shop.spend.trend",
    }
