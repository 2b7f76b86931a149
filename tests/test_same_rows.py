"""Two files of a set beside each other."""

from __future__ import annotations

from pathlib import Path

import duckdb

from featdsl.engines.duckdb import Session
from featdsl.engines.profile import Profile
from featdsl.runs.same_rows import ColumnDifference, RowsCompared, compare_rows


def compared(folder: Path, one: str, other: str, keys: list[str] | None) -> RowsCompared:
    """`one` and `other` are lists of rows; `k`, `i`, `f` and `t` are the columns of most."""
    with duckdb.connect() as connection:
        for name, query in (("one", one), ("other", other)):
            connection.execute(f"COPY ({query}) TO '{folder / name}.parquet'")
    paths = folder / "one.parquet", folder / "other.parquet"
    with Session(Profile(files=paths)) as session:
        return compare_rows(session, *paths, keys)


def rows(*values: str) -> str:
    typed = "k::BIGINT AS k, i::BIGINT AS i, f::DOUBLE AS f, t::TIMESTAMP AS t"
    return f"SELECT {typed} FROM (VALUES {', '.join(values)}) AS v(k, i, f, t)"


DAY, NEXT = "TIMESTAMP '2026-01-01'", "TIMESTAMP '2026-01-02'"


def test_each_column_is_counted_by_key(tmp_path: Path) -> None:
    found = compared(
        tmp_path,
        rows(f"(1, 1, 4.0, {DAY})", "(2, NULL, NULL, NULL)", f"(3, 3, 0.0, {DAY})"),
        rows("(2, 5, NULL, NULL)", f"(1, 1, 5.0, {NEXT})", f"(4, 3, 0.0, {DAY})"),
        ["k"],
    )

    assert (found.before, found.after, found.missing, found.added) == (3, 3, 1, 1)
    # 4 and 5 are a fifth of the larger apart; a null that became a value is how far nobody can say.
    assert found.columns == (
        ColumnDifference("i", 1, None),
        ColumnDifference("f", 1, 0.2),
        ColumnDifference("t", 1, None),
    )


def test_a_float_beside_a_null_is_no_small_difference(tmp_path: Path) -> None:
    found = compared(
        tmp_path,
        rows(f"(1, 1, 4.0, {DAY})", f"(2, 1, NULL, {DAY})"),
        rows(f"(1, 1, 4.000000001, {DAY})", f"(2, 1, 1.0, {DAY})"),
        ["k"],
    )

    assert found.columns == (ColumnDifference("f", 2, None),)


def test_rows_without_a_key_are_compared_by_their_place(tmp_path: Path) -> None:
    found = compared(
        tmp_path,
        rows(f"(1, 1, 4.0, {DAY})", f"(1, 2, 4.0, {DAY})"),
        rows(f"(1, 2, 4.0, {DAY})", f"(1, 1, 4.0, {DAY})", f"(1, 1, 4.0, {DAY})"),
        None,
    )

    assert (found.missing, found.added) == (0, 1)
    assert found.columns == (ColumnDifference("i", 2, None),)


def test_one_row_without_keys_and_columns_that_came_or_went(tmp_path: Path) -> None:
    found = compared(tmp_path, "SELECT 1 AS a, 2 AS b", "SELECT 1 AS a, 2 AS c", [])

    assert (found.missing, found.added, found.columns) == (0, 0, ())
    assert (found.gone, found.new) == (("b",), ("c",))
