"""What a run's record says of the sources that were read: files, rows, times, days."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb
import pytest
from shop import ORDERS, codes, run, shop

from featdsl.cli.main import run as featc
from featdsl.runs.execute import Outcome
from featdsl.store.record import InputFile, InputUse

HEADER, *ROWS = ORDERS.splitlines(keepends=True)
LATER = "4,3,2026-03-01 10:00:00,1.00,paid\n"
"""After the as-of time: stored, but not visible."""
SAME_DAY = "5,3,2026-01-20 23:59:59,1.00,paid\n"
FILES = {
    "orders/a.csv": HEADER + "".join(ROWS) + LATER,
    "orders/b.csv": HEADER,
    "orders/c.csv": HEADER + SAME_DAY,
}


def read(outcome: Outcome) -> InputUse:
    assert outcome.ok
    (found,) = outcome.record.inputs
    return found


def rows(use: InputUse) -> list[tuple[str, int | None]]:
    return [(f.path, f.rows) for f in use.files]


def parquet(folder: Path) -> dict[str, bytes]:
    """The same files as Parquet."""
    found = {}
    for name, text in FILES.items():
        source, made = folder / "made.csv", folder / "made.parquet"
        source.write_text(text, "utf-8")
        columns = "{'order_id': 'BIGINT', 'customer_id': 'BIGINT', 'ordered_at': 'TIMESTAMP', "
        columns += "'amount': 'DECIMAL(12, 2)', 'status': 'VARCHAR'}"
        duckdb.sql(
            f"COPY (FROM read_csv('{source}', header = true, columns = {columns})) TO '{made}'"
        )
        found[name.replace(".csv", ".parquet")] = made.read_bytes()
    return found


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_rows_of_each_file_and_times_that_are_visible(tmp_path: Path, kind: str) -> None:
    data = FILES if kind == "csv" else parquet(tmp_path)
    use = read(run(shop(tmp_path, location=f'{kind} "orders/*.{kind}"', data=data)))

    assert rows(use) == [(f"orders/a.{kind}", 4), (f"orders/b.{kind}", 0), (f"orders/c.{kind}", 1)]
    assert use.rows == 5
    # 10, 20 and 25 January, and the 20th again; the first of March is not visible yet.
    assert (use.oldest, use.newest) == (
        datetime(2026, 1, 10, 10),
        datetime(2026, 1, 25, 10),
    )
    assert use.days == 3
    assert [(c.name, c.dtype) for c in use.columns] == [
        ("order_id", "int"),
        ("customer_id", "int"),
        ("ordered_at", "timestamp"),
        ("amount", "decimal(12, 2)"),
        ("status", "text"),
    ]


def test_a_source_of_one_file_has_its_rows(tmp_path: Path) -> None:
    use = read(run(shop(tmp_path, more='  drop when amount < 6 because "small"')))

    assert rows(use) == [("orders.csv", 3)]
    assert isinstance(use.files[0], InputFile)
    assert [(d.because, d.rows) for d in use.dropped] == [("small", 1)]


def test_files_that_were_not_taken_are_recorded(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    data = {
        **FILES,
        "orders/b.csv": HEADER + "6,1,yesterday,1.00,paid\n7,1,2026-01-01,x,paid\n" + SAME_DAY,
        "orders/d.csv": HEADER + "8,1,2026-01-01\n",
    }
    outcome = run(shop(tmp_path, location='csv "orders/*.csv"', data=data))

    assert codes(outcome) == ["FD0709"]
    found = [(r.source, r.file, r.rows) for r in outcome.record.rejected]
    assert sorted(found) == [("shop.orders", "orders/b.csv", 2), ("shop.orders", "orders/d.csv", 1)]
    assert featc(["runs", "show", "last", "--project", str(tmp_path)]) == 0
    assert "orders/b.csv" in capfd.readouterr().out


def test_empty_files_are_shown(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    read(run(shop(tmp_path, location='csv "orders/*.csv"', data=FILES)))
    capfd.readouterr()

    assert featc(["runs", "show", "last", "--project", str(tmp_path)]) == 0
    assert "3 (1 empty)" in capfd.readouterr().out
    assert featc(["docs", "--project", str(tmp_path)]) == 0
    page = (tmp_path / "target" / "site" / "runs.html").read_text("utf-8")
    assert "3 files, 1 empty" in page
