"""Data against their declarations: types, nulls, CSV, keys, versions, validity, joins."""

from __future__ import annotations

import datetime as dt
import gzip
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from shop import ORDERS, TEXT, codes, compiled, published, run, shop, told

from featdsl.testing.run import run_tests

UTC = "UTC"
JANUARY = [
    dt.datetime(2026, 1, 10, 10),
    dt.datetime(2026, 1, 20, 10),
    dt.datetime(2026, 1, 25, 10),
]
HEADER = "order_id,customer_id,ordered_at,amount,status\n"


def table(**columns: Any) -> pa.Table:
    return pa.table(
        {
            "order_id": [1, 2, 3],
            "customer_id": [1, 1, 2],
            "ordered_at": JANUARY,
            "amount": [Decimal("10.00"), Decimal("20.50"), Decimal("5.25")],
            "status": ["paid", "paid", "open"],
            **columns,
        }
    )


def parquet_shop(tmp_path: Path, stored: pa.Table, **settings: Any) -> Any:
    (tmp_path / "data").mkdir(parents=True)
    pq.write_table(stored, tmp_path / "data" / "orders.parquet")
    return shop(tmp_path, location='parquet "orders.parquet"', data={}, **settings)


# --- Parquet: stored types


@pytest.mark.parametrize(
    "times",
    [
        pa.array(JANUARY, pa.timestamp("ns", UTC)),
        pa.array(JANUARY, pa.timestamp("us", UTC)),
        pa.array(JANUARY, pa.timestamp("ns")),
        pa.array(JANUARY, pa.timestamp("ms")),
        pa.array(JANUARY, pa.timestamp("s")),
        # The same instants, written by a clock in Kolkata.
        pa.array(JANUARY, pa.timestamp("ns", UTC)).cast(pa.timestamp("ns", "Asia/Kolkata")),
    ],
    ids=["ns-utc", "us-utc", "ns", "ms", "s", "ns-kolkata"],
)
def test_any_stored_timestamp_is_read_as_utc(tmp_path: Path, times: pa.Array) -> None:
    project = parquet_shop(
        tmp_path, table(ordered_at=times), features="  last_at = last(ordered_at)"
    )

    outcome = run(project)

    assert outcome.ok, told(outcome, project)
    assert [r[-1] for r in published(project).rows] == [JANUARY[1], JANUARY[2]]


@pytest.mark.parametrize(
    ("declared", "stored", "sums"),
    [
        ("int", pa.array([10, 20, 5], pa.int8()), [30, 5]),
        ("int", pa.array([10, 20, 5], pa.uint64()), [30, 5]),
        ("int", pa.array([10.0, 20.0, 5.0]), [30, 5]),
        ("int", pa.array([10.0, None, float("nan")]), [10, None]),
        ("int", pa.array([Decimal(10), Decimal(20), Decimal(5)], pa.decimal128(20, 0)), [30, 5]),
        ("decimal(12, 2)", pa.array([10.1, 20.2, 5.3]), [Decimal("30.30"), Decimal("5.30")]),
        ("decimal(12, 2)", pa.array([10, 20, 5], pa.int64()), [Decimal("30.00"), Decimal("5.00")]),
        ("decimal(12, 2)", pa.array(["1.5", "2.5", "3.0"]).cast(pa.decimal128(5, 1)), [4, 3]),
        ("float", pa.array([1.5, float("inf"), float("nan")]), [1.5, None]),
        ("float", pa.array([1, 2, 3], pa.int32()), [3.0, 3.0]),
        ("float", pa.array([1.5, 2.5, 3.5], pa.float32()), [4.0, 3.5]),
    ],
)
def test_numbers_are_read_without_loss(
    tmp_path: Path, declared: str, stored: pa.Array, sums: list[Any]
) -> None:
    project = parquet_shop(tmp_path, table(amount=stored), amount=declared)

    outcome = run(project)

    assert outcome.ok, told(outcome, project)
    assert [r[1] for r in published(project).rows] == sums


@pytest.mark.parametrize(
    ("declared", "stored"),
    [
        ("int", pa.array([10.5, 20.0, 5.0])),
        ("int", pa.array([2**63, 1, 1], pa.uint64())),
        ("int", pa.array([2.0**60, 1.0, 1.0])),
        ("decimal(12, 2)", pa.array([10.125, 20.0, 5.0])),
        ("decimal(4, 2)", pa.array([100, 1, 1], pa.int64())),
        ("decimal(12, 2)", pa.array(["1.555", "1", "2"]).cast(pa.decimal128(12, 3))),
        ("float", pa.array([2**60 + 1, 1, 1], pa.int64())),
        ("date", pa.array([JANUARY[0], dt.datetime(2026, 1, 1), None], pa.timestamp("us"))),
    ],
)
def test_values_that_would_lose_something_stop_the_run(
    tmp_path: Path, declared: str, stored: pa.Array
) -> None:
    project = parquet_shop(tmp_path, table(amount=stored), text=COUNTED.replace("TYPE", declared))

    outcome = run(project)

    assert codes(outcome) == ["FD0707"]
    assert "1 of 3 rows" in outcome.diagnostics[0].message
    assert "row 1 of orders.parquet" in told(outcome, project)


COUNTED = """\
namespace shop
entity customer { key customer_id: int }
source orders {
  from parquet "orders.parquet"
  time ordered_at
  entity customer
  columns {
    customer_id: int required
    ordered_at:  timestamp required
    amount:      TYPE
  }
}
features spend for customer from orders { n = count(amount) over 30d }
"""


@pytest.mark.parametrize(
    ("declared", "stored", "words"),
    [
        ("decimal(12, 2)", pa.array(["1", "2", "3"]), "it holds text"),
        ("text", pa.array([1, 2, 3]), "it holds int"),
        ("int", pa.array([b"1", b"2", b"3"]), "it holds bytes"),
        ("bool", pa.array([1, 0, 1]), "it holds int"),
        ("timestamp", pa.array(["2026-01-01"] * 3), "it holds text"),
    ],
)
def test_a_column_of_another_type_is_told_at_its_declaration(
    tmp_path: Path, declared: str, stored: pa.Array, words: str
) -> None:
    project = parquet_shop(tmp_path, table(amount=stored), text=COUNTED.replace("TYPE", declared))

    outcome = run(project)

    assert codes(outcome) == ["FD0706"]
    assert words in outcome.diagnostics[0].message
    assert f"amount:      {declared}" in told(outcome, project)


def test_dictionary_large_and_null_columns_are_read(tmp_path: Path) -> None:
    status = pa.array(["paid", None, "open"]).dictionary_encode()
    amount = pa.array([None, None, None], pa.null())
    project = parquet_shop(
        tmp_path, table(status=status, amount=amount), features="  status = last(status)"
    )

    outcome = run(project)

    assert outcome.ok, told(outcome, project)
    assert [(r[1], r[-1]) for r in published(project).rows] == [(None, "paid"), (None, "open")]


def test_files_without_rows_fit_every_declaration(tmp_path: Path) -> None:
    stored = table(amount=pa.array([1.5, 2.5, 3.5])).slice(0, 0)
    more = "  drop when amount < 0\n  expect amount > 0\n  expect freshness <= 1d warn"
    project = parquet_shop(tmp_path, stored, amount="int", more=more)

    outcome = run(project)

    assert codes(outcome) == ["FD0715", "FD0717"]
    assert [d.rows for d in outcome.record.inputs[0].dropped] == [0]


def test_a_column_of_nothing_but_nan_is_null(tmp_path: Path) -> None:
    project = parquet_shop(tmp_path, table(amount=[float("nan")] * 3), amount="int")

    outcome = run(project)

    assert outcome.ok, told(outcome, project)
    assert [r[1] for r in published(project).rows] == [None, None]


def test_files_of_several_shapes_are_read_as_one_source(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "orders"
    folder.mkdir(parents=True)
    first = table(order_id=pa.array([1, 2, 3], pa.int32()))
    second = table(
        order_id=[4, 5, 6], ordered_at=pa.array(JANUARY, pa.timestamp("ns", UTC)), extra=[1, 2, 3]
    )
    pq.write_table(first, folder / "a.parquet")
    pq.write_table(second, folder / "b.parquet")
    pq.write_table(second, folder / ".hidden.parquet")
    project = shop(tmp_path, location='parquet "orders/*.parquet"', data={})

    outcome = run(project)

    assert outcome.ok, told(outcome, project)
    assert published(project).rows == [(1, Decimal("61.00"), 4), (2, Decimal("10.50"), 2)]
    assert [f.path for f in outcome.record.inputs[0].files] == [
        "orders/a.parquet",
        "orders/b.parquet",
    ]


def test_one_broken_file_of_many_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "orders"
    folder.mkdir(parents=True)
    pq.write_table(table(), folder / "a.parquet")
    content = (folder / "a.parquet").read_bytes()
    (folder / "b.parquet").write_bytes(content[: len(content) // 2])
    project = shop(tmp_path, location='parquet "orders/*.parquet"', data={})

    outcome = run(project)

    assert codes(outcome) == ["FD0702"]
    assert "`b.parquet`" in outcome.diagnostics[0].message


# --- where files are


@pytest.mark.parametrize(
    ("location", "code", "words"),
    [
        ('parquet "nothing/*.parquet"', "FD0701", "no file matches"),
        ('csv "order.csv"', "FD0701", "there is no file"),
        ('csv "../orders.csv"', "FD0704", "leads out"),
        ('csv "/etc/passwd"', "FD0704", "leads out"),
        ('csv "~/orders.csv"', "FD0704", "leads out"),
        ('csv "file:///etc/passwd"', "FD0704", "leads out"),
        ('csv "link.csv"', "FD0704", "leads out"),
        ('csv "folder"', "FD0702", "is a folder"),
        ('csv "empty.csv"', "FD0703", "is empty"),
        ('csv "blank.csv"', "FD0703", "is empty"),
        ('csv "binary.csv"', "FD0702", "no CSV file"),
        ('parquet "orders.csv"', "FD0702", "cannot be read as parquet"),
        ('csv "latin.csv"', "FD0702", "is not UTF-8"),
        ('csv "orders.csv.gz"', "FD0702", "is compressed"),
        ('csv "long.csv"', "FD0702", "has a header that cannot be read"),
    ],
)
def test_a_location_that_gives_no_rows_is_told(
    tmp_path: Path, location: str, code: str, words: str
) -> None:
    data = {
        "orders.csv": ORDERS,
        "empty.csv": "",
        "blank.csv": "\n\n",
        "binary.csv": b"PAR1\x00\x01\x02",
        "orders.csv.gz": gzip.compress(ORDERS.encode()),
        "latin.csv": "größe,id\n1,2\n".encode("latin-1"),
        "folder/x.csv": ORDERS,
        "long.csv": "a" * 200_000 + "\n1\n",
    }
    (tmp_path / "outside.csv").write_text(ORDERS, encoding="utf-8")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "link.csv").symlink_to(tmp_path / "outside.csv")
    project = shop(tmp_path, location=location, data=data)

    outcome = run(project)

    assert codes(outcome) == [code]
    assert words in outcome.diagnostics[0].message
    assert not (project.target_dir / "data").exists()


@pytest.mark.parametrize("folder", ["data", "elsewhere/data", "/nonexistent/data"])
def test_a_missing_data_folder_is_told_once(tmp_path: Path, folder: str) -> None:
    project = shop(tmp_path, settings=f'data_dir = "{folder}"\n')
    (tmp_path / "data").rename(tmp_path / "moved")

    outcome = run(project)

    assert codes(outcome) == ["FD0701"]
    assert f"the data folder `{folder}` does not exist" in outcome.diagnostics[0].message


def test_the_nearest_file_is_offered(tmp_path: Path) -> None:
    project = shop(tmp_path, location='csv "order.csv"')

    assert "did you mean `orders.csv`?" in told(run(project), project)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read anything")
def test_a_file_that_may_not_be_read_is_told(tmp_path: Path) -> None:
    project = shop(tmp_path)
    (tmp_path / "data" / "orders.csv").chmod(0)

    assert codes(run(project)) == ["FD0702"]


def test_mistakes_of_all_sources_and_columns_are_told_at_once(tmp_path: Path) -> None:
    header = "order_id,Customer_id,ordered_at,amounts,status\n"
    project = shop(tmp_path, data={"orders.csv": header + "1,1,2026-01-01,1,x\n"})

    outcome = run(project)

    assert codes(outcome) == ["FD0705", "FD0705"]
    text = told(outcome, project)
    assert "did you mean `Customer_id`?" in text
    assert "did you mean `amounts`?" in text


# --- CSV


def test_extra_columns_and_another_order_do_no_harm(tmp_path: Path) -> None:
    orders = "status,extra,amount,ordered_at,customer_id,order_id\npaid,!,10.00,2026-01-10,1,1\n"
    project = shop(tmp_path, data={"orders.csv": orders})

    run(project)

    assert published(project).rows == [(1, Decimal("10.00"), 1)]


@pytest.mark.parametrize(
    "content",
    [
        "\ufeff" + ORDERS,
        ORDERS.replace("\n", "\r\n"),
        "\ufeff" + ORDERS.replace("\n", "\r\n"),
        ORDERS.rstrip("\n"),
        ORDERS.replace("10.00", " 10.00 ").replace("2026-01-10 10:00:00", "2026-01-10T10:00:00Z"),
        ORDERS.replace("2026-01-10 10:00:00", "2026-01-10 15:30:00+05:30"),
        ORDERS.replace("10.00", "10.0000"),
        ORDERS.replace("paid", '"paid"').replace("10.00", '"10.00"'),
    ],
    ids=["bom", "crlf", "bom-crlf", "no-end", "spaces", "zone", "zeros", "quotes"],
)
def test_ways_of_writing_the_same_csv_give_the_same_rows(tmp_path: Path, content: str) -> None:
    project = shop(tmp_path, data={"orders.csv": content})

    outcome = run(project)

    assert outcome.ok, told(outcome, project)
    assert published(project).rows == [(1, Decimal("30.50"), 2), (2, Decimal("5.25"), 1)]


def test_options_of_a_csv_source_are_used(tmp_path: Path) -> None:
    orders = "1;1;2026-01-10;'1;0';-\n2;1;2026-01-20;NA;open\n"
    location = 'csv "orders.csv" (delimiter = ";", header = false, quote = "\'", nullstr = "NA")'
    text = TEXT.format(location=location, amount="text", more="", features="")
    project = shop(tmp_path, text=text.replace("sum(", "first("), data={"orders.csv": orders})

    outcome = run(project)

    assert outcome.ok, told(outcome, project)
    assert published(project).rows == [(1, "1;0", 2)]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("4,1,2026-01-28,1.00", "too few fields"),
        ("4,1,2026-01-28,1.00,paid,more", "too many fields"),
        ('4,1,2026-01-28,1.00,"paid', "a quoted field is not closed"),
        ("4,x,2026-01-28,1.00,paid", "(`customer_id` is `x`)"),
        ("4,1.5,2026-01-28,1.00,paid", "it is no int (`customer_id` is `1.5`)"),
        ("4,1,28/01/2026,1.00,paid", "it is no timestamp (`ordered_at` is `28/01/2026`)"),
        ("4,1,2026-02-30,1.00,paid", "it is no timestamp"),
        ("4,1,2026-01-28,1.005,paid", "it is no decimal(12, 2) (`amount` is `1.005`)"),
        ("4,1,2026-01-28,1e3,paid", "it is no decimal(12, 2)"),
        ('4,1,2026-01-28,"1,000",paid', "it is no decimal(12, 2)"),
        ("4,99999999999999999999,2026-01-28,1,paid", "it is no int"),
        ("4,infinity,2026-01-28,1,paid", "it is no int"),
    ],
)
def test_a_csv_row_that_does_not_fit_is_told_with_its_line(
    tmp_path: Path, row: str, reason: str
) -> None:
    project = shop(tmp_path, data={"orders.csv": ORDERS + row + "\n"})

    outcome = run(project)

    assert codes(outcome) == ["FD0709"]
    text = told(outcome, project)
    assert "1 row" in outcome.diagnostics[0].message
    assert "line 5 of orders.csv" in text
    assert reason in text


def test_rejects_are_counted_and_kept_with_the_lines_that_people_see(tmp_path: Path) -> None:
    rows = '4,1,2026-01-28,1.00,"two\nlines"\n\n5,1,2026-01-28,=1,paid\n6,1,x,1.00,paid\n'
    project = shop(tmp_path, data={"orders.csv": ORDERS + rows})

    outcome = run(project)

    assert "2 rows" in outcome.diagnostics[0].message
    (report,) = (project.target_dir / "rejects").iterdir()
    assert report.read_text(encoding="utf-8").splitlines() == [
        "file,line,column,text,reason",
        'orders.csv,8,amount,\'=1,"it is no decimal(12, 2)"',
        "orders.csv,9,ordered_at,x,it is no timestamp",
    ]


def test_lines_are_right_beside_rows_of_broken_shape(tmp_path: Path) -> None:
    rows = "4,1\n5,1,2026-01-28,x,paid\n6,1,2026-01-28,1.00,paid,7\n7,1,2026-01-28,y,paid\n"
    project = shop(tmp_path, data={"orders.csv": ORDERS + rows})

    run(project)

    (report,) = (project.target_dir / "rejects").iterdir()
    assert [line.split(",")[1] for line in report.read_text(encoding="utf-8").splitlines()] == [
        "line",
        "5",
        "7",
        "6",
        "8",
    ]


def test_another_delimiter_is_told_once(tmp_path: Path) -> None:
    project = shop(tmp_path, data={"orders.csv": ORDERS.replace(",", ";")})

    outcome = run(project)

    assert codes(outcome) == ["FD0705"]
    assert 'add `(delimiter = ";")` after the path' in told(outcome, project)


def test_files_of_several_headers_are_read_as_one_source(tmp_path: Path) -> None:
    other = "status,customer_id,ordered_at,amount,order_id\npaid,3,2026-01-28,1.00,9\n"
    project = shop(
        tmp_path,
        location='csv "orders/*.csv"',
        data={"orders/a.csv": ORDERS, "orders/b.csv": other},
    )

    outcome = run(project)

    assert outcome.ok, told(outcome, project)
    assert published(project).rows[-1] == (3, Decimal("1.00"), 1)


def test_rejected_personal_data_are_not_shown(tmp_path: Path) -> None:
    orders = ORDERS.replace("status", "phone").replace("paid", "0123")
    text = COUNTED.replace('parquet "orders.parquet"', 'csv "orders.csv"')
    text = text.replace("amount:      TYPE", "phone: int pii").replace("amount", "phone")
    project = shop(tmp_path, text=text, data={"orders.csv": orders.replace("open", "call me")})

    outcome = run(project)

    assert codes(outcome) == ["FD0709"]
    assert "call me" not in told(outcome, project)
    (report,) = (project.target_dir / "rejects").iterdir()
    assert "call me" not in report.read_text(encoding="utf-8")


def test_bytes_that_are_not_utf_8_are_told_with_their_line(tmp_path: Path) -> None:
    project = shop(tmp_path, data={"orders.csv": ORDERS.encode() + b"4,1,2026-01-28,1,\xff\xfe\n"})

    outcome = run(project)

    assert codes(outcome) == ["FD0709"]
    assert "line 5 of orders.csv: it is not UTF-8" in told(outcome, project)


@pytest.mark.parametrize("header", ["order_id,order_id", "order_id,Order_ID"])
def test_a_header_that_names_a_column_twice_is_told(tmp_path: Path, header: str) -> None:
    project = shop(tmp_path, data={"orders.csv": f"{header}\n1,2\n"})

    assert codes(run(project)) == ["FD0716"]


@pytest.mark.parametrize(("header", "number"), [(",order_id", 1), ("order_id, ", 2)])
def test_a_column_without_a_name_is_told_with_its_number(
    tmp_path: Path, header: str, number: int
) -> None:
    project = shop(tmp_path, data={"orders.csv": f"{header}\n1,2\n"})

    outcome = run(project)

    assert codes(outcome) == ["FD0702"]
    assert f"column {number} of `orders.csv` has no name" in told(outcome, project)
    assert "index=False" in told(outcome, project)


def test_a_csv_file_with_a_header_only_has_no_rows(tmp_path: Path) -> None:
    project = shop(tmp_path, data={"orders.csv": HEADER})

    outcome = run(project)

    assert codes(outcome) == ["FD0717"]
    assert outcome.record.inputs[0].rows == 0


def test_csv_is_parsed_once_while_nothing_changes(tmp_path: Path) -> None:
    project = shop(tmp_path)

    run(project)
    (before,) = (project.target_dir / "cache").glob("*.parquet")
    inode = before.stat().st_ino
    run(project)

    (after,) = (project.target_dir / "cache").glob("*.parquet")
    assert after.stat().st_ino == inode


def test_typed_copies_that_nobody_uses_are_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from featdsl.runs import parsed

    monkeypatch.setattr(parsed, "MOST_COPIES", 2)
    project = shop(tmp_path)
    for amount in ("1.00", "2.00", "3.00", "10.00"):
        orders = ORDERS.replace("10.00", amount)
        (tmp_path / "data" / "orders.csv").write_text(orders, encoding="utf-8")
        assert run(project).ok

    copies = list((project.target_dir / "cache").glob("*.parquet"))
    assert len(copies) == 2
    assert all(c.with_suffix(".json").exists() for c in copies)


def test_a_damaged_copy_in_the_cache_is_made_again(tmp_path: Path) -> None:
    project = shop(tmp_path)
    run(project)
    (copy,) = (project.target_dir / "cache").glob("*.parquet")
    content = bytearray(copy.read_bytes())
    content[len(content) // 3] ^= 1
    copy.write_bytes(bytes(content))

    outcome = run(project)

    assert outcome.ok
    assert published(project).rows == [(1, Decimal("30.50"), 2), (2, Decimal("5.25"), 1)]


def test_a_changed_declaration_parses_again(tmp_path: Path) -> None:
    run(shop(tmp_path))
    project = shop(tmp_path, amount="decimal(12, 1)")

    assert codes(run(project)) == ["FD0709"]


# --- nulls, drops, keys


def test_nulls_in_a_required_column_are_told_at_the_column(tmp_path: Path) -> None:
    project = shop(tmp_path, data={"orders.csv": ORDERS + "4,,2026-01-28,1,x\n,,2026-01-28,1,x\n"})

    outcome = run(project)

    assert codes(outcome) == ["FD0708", "FD0708"]
    assert "2 of 5 rows of `orders` have no value in `customer_id`" in told(outcome, project)
    assert "line 5 of orders.csv, line 6 of orders.csv" in told(outcome, project)


def test_duplicate_keys_are_told_with_samples(tmp_path: Path) -> None:
    project = shop(tmp_path, data={"orders.csv": ORDERS + "2,1,2026-01-28,1,x\n"})

    outcome = run(project)

    assert codes(outcome) == ["FD0710"]
    assert "order_id = 2: 2 rows" in told(outcome, project)


def test_dropped_rows_take_part_in_nothing(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        more='  drop when amount < 0\n  drop when status = "void"\n  expect amount >= 0',
        data={"orders.csv": ORDERS + "2,1,2026-01-28,-1,void\n3,1,2026-01-28,1,void\n"},
    )

    outcome = run(project)

    assert outcome.ok, told(outcome, project)
    assert [d.rows for d in outcome.record.inputs[0].dropped] == [1, 1]


CHANGING = """\
namespace shop
entity customer { key customer_id: int }
source orders {
  from csv "orders.csv"
  key order_id
  time ordered_at
  entity customer
  columns {
    order_id:    int       required
    customer_id: int       required
    ordered_at:  timestamp required
    written_at:  timestamp required
    amount:      int
  }
  keep last per order_id by written_at
}
features spend for customer from orders { total = sum(amount) }
"""
CHANGES = "order_id,customer_id,ordered_at,written_at,amount\n"


def test_versions_of_one_time_that_differ_are_told(tmp_path: Path) -> None:
    rows = "1,1,2026-01-01,2026-01-02,5\n1,1,2026-01-01,2026-01-02,6\n"
    project = shop(tmp_path, text=CHANGING, data={"orders.csv": CHANGES + rows})

    outcome = run(project)

    assert codes(outcome) == ["FD0712"]
    assert "order_id = 1, written_at = 2026-01-02 00:00:00" in told(outcome, project)


@pytest.mark.parametrize("second", ["1,1,2026-01-01,2026-01-02,5", "1,1,2026-01-01,2026-01-03,6"])
def test_equal_or_later_versions_are_fine(tmp_path: Path, second: str) -> None:
    rows = f"1,1,2026-01-01,2026-01-02,5\n{second}\n"
    project = shop(tmp_path, text=CHANGING, data={"orders.csv": CHANGES + rows})

    assert run(project).ok


def test_a_null_and_a_value_are_different_versions(tmp_path: Path) -> None:
    rows = "1,1,2026-01-01,2026-01-02,5\n1,1,2026-01-01,2026-01-02,\n"
    project = shop(tmp_path, text=CHANGING, data={"orders.csv": CHANGES + rows})

    assert codes(run(project)) == ["FD0712"]


# --- an order within one time

TIED = """\
namespace shop
entity customer { key customer_id: int }
source visits {
  from csv "visits.csv"
  time visited_at then page_no
  entity customer
  columns { customer_id: int required  visited_at: timestamp required  page_no: int  page: text }
}
features viewed for customer from visits { page = last(page) }
"""
VISITS = "customer_id,visited_at,page_no,page\n1,2026-01-01,1,home\n"


@pytest.mark.parametrize(
    ("second", "found"),
    [
        ("1,2026-01-01,1,cart", ["FD0751"]),
        ("1,2026-01-01,1,", ["FD0751"]),
        ("1,2026-01-01,1,home", []),  # another row that is the same
        ("1,2026-01-01,2,cart", []),
        ("1,2026-01-02,1,cart", []),
        ("2,2026-01-01,1,cart", []),  # another customer's
    ],
)
def test_rows_of_one_time_are_told_apart_by_then(tmp_path: Path, second: str, found: list[str]):
    project = shop(tmp_path, text=TIED, data={"visits.csv": f"{VISITS}{second}\n"})

    assert codes(run(project)) == found


def test_rows_without_an_order_by_then_are_refused_in_tests_too(tmp_path: Path) -> None:
    text = (
        TIED
        + """
test "which is last?" {
  given visits
    | customer_id | visited_at | page_no | page |
    | 1           | 2026-01-01 | 1       | home |
    | 1           | 2026-01-01 | 1       | cart |
  at @2026-02-01
  then viewed
    | customer_id | page |
    | 1           | cart |
}
"""
    )
    project = shop(tmp_path, text=text)

    (result,) = run_tests(compiled(project), project.options)

    (found,) = result.diagnostics()
    assert "share their `visited_at, page_no`" in found.message


# --- validity and joins

PRICED = """\
namespace shop
entity customer {{ key customer_id: int }}
source orders {{
  from csv "orders.csv"
  key order_id
  time ordered_at
  entity customer
  columns {{
    order_id:    int       required
    customer_id: int       required
    ordered_at:  timestamp required
    sku:         int
  }}
}}
source products {{
  from csv "products.csv"
{history}
  columns {{
    sku:       int required
    shop_id:   int
    price:     int
    from_date: timestamp
    to_date:   timestamp
  }}
}}
view lines from orders {{
  join products as p on sku = p.sku
  let price = p.price
}}
features spend for customer from lines {{ total = sum(price) }}
"""
PRODUCTS = "sku,shop_id,price,from_date,to_date\n"
LINES = "order_id,customer_id,ordered_at,sku\n1,1,2026-01-10,7\n2,1,2026-01-20,8\n"


def priced(tmp_path: Path, history: str, products: str) -> Any:
    text = PRICED.format(history=history)
    return shop(
        tmp_path, text=text, data={"orders.csv": LINES, "products.csv": PRODUCTS + products}
    )


def test_validity_that_overlaps_where_a_row_looks_is_told(tmp_path: Path) -> None:
    rows = "7,1,10,2026-01-01,2026-02-01\n7,1,12,2026-01-05,\n8,1,1,2026-01-01,\n"
    project = priced(tmp_path, "  valid from_date to to_date", rows)

    outcome = run(project)

    assert codes(outcome) == ["FD0713"]
    assert "1 row of `lines` matches more than one row of `products`" in told(outcome, project)


def test_validity_of_a_declared_key_must_not_overlap_anywhere(tmp_path: Path) -> None:
    rows = "9,1,10,2026-01-01,2026-02-01\n9,1,12,2026-01-05,\n"
    project = priced(tmp_path, "  valid from_date to to_date\n  key sku", rows)

    outcome = run(project)

    assert codes(outcome) == ["FD0711"]
    assert "sku = 9, from_date = 2026-01-01 00:00:00" in told(outcome, project)


def test_validity_that_meets_end_to_start_is_fine(tmp_path: Path) -> None:
    rows = "7,1,10,2026-01-01,2026-01-05\n7,1,12,2026-01-05,\n8,1,1,2026-01-01,\n"
    project = priced(tmp_path, "  valid from_date to to_date\n  key sku", rows)

    outcome = run(project)

    assert outcome.ok, told(outcome, project)
    assert published(project).rows == [(1, 13)]


def test_two_static_rows_for_one_left_row_are_told(tmp_path: Path) -> None:
    project = priced(tmp_path, "", "7,1,10,,\n7,2,12,,\n8,1,1,,\n")

    assert codes(run(project)) == ["FD0713"]


def test_two_static_rows_that_nobody_looks_for_do_no_harm(tmp_path: Path) -> None:
    project = priced(tmp_path, "", "7,1,10,,\n9,1,12,,\n9,2,1,,\n")

    outcome = run(project)

    assert outcome.ok, told(outcome, project)
    assert published(project).rows == [(1, 10)]


STATIC = """\
namespace shop
entity customer {{ key customer_id: int }}
source cards {{
  from csv "cards.csv"
{more}
  entity customer
  columns {{
    customer_id: int
    city:        text
    from_ts:     timestamp
    to_ts:       timestamp
  }}
}}
features profile for customer from cards {{ city = city }}
"""
CARDS = "customer_id,city,from_ts,to_ts\n"


def cards(tmp_path: Path, more: str, rows: str) -> Any:
    return shop(tmp_path, text=STATIC.format(more=more), data={"cards.csv": CARDS + rows})


def test_a_column_of_a_key_with_two_rows_is_no_value(tmp_path: Path) -> None:
    project = cards(tmp_path, "", "1,Pune,,\n1,Delhi,,\n2,Goa,,\n,x,,\n,y,,\n")

    outcome = run(project)

    assert codes(outcome) == ["FD0710"]
    assert "1 key has several rows in `cards`" in outcome.diagnostics[0].message
    assert "customer_id = 1: 2 rows" in told(outcome, project)


def test_a_key_stands_once_in_each_snapshot(tmp_path: Path) -> None:
    day, next_day = "2024-01-01,", "2024-01-02,"
    project = cards(
        tmp_path, "  key customer_id\n  snapshot from_ts", f"1,Pune,{day}\n1,Goa,{next_day}\n"
    )

    assert codes(run(project)) == []
    assert published(project, "shop.profile").rows == [(1, "Goa")]


def test_a_key_that_stands_twice_in_a_snapshot_is_told(tmp_path: Path) -> None:
    rows = "1,Pune,2024-01-01,\n1,Goa,2024-01-01,\n1,Delhi,2024-01-02,\n"
    project = cards(tmp_path, "  key customer_id\n  snapshot from_ts", rows)

    outcome = run(project)

    assert codes(outcome) == ["FD0710"]
    assert "2 rows of `cards` share 1 key (customer_id, from_ts)" in told(outcome, project)


def test_rows_without_a_key_belong_to_nobody(tmp_path: Path) -> None:
    project = cards(tmp_path, "", "1,Pune,,\n,x,,\n,y,,\n")

    outcome = run(project)

    assert outcome.ok, told(outcome, project)
    assert published(project, "shop.profile").rows == [(1, "Pune")]


def test_validity_without_a_key_is_that_of_its_role(tmp_path: Path) -> None:
    rows = "1,Pune,2025-01-01,2025-03-01\n1,Delhi,2025-02-01,\n"
    project = cards(tmp_path, "  valid from_ts to to_ts", rows)

    assert codes(run(project)) == ["FD0711"]


UNIQUE = "  valid from_ts to to_ts\n  expect unique(customer_id, from_ts)"
TWICE = "1,Pune,2025-01-01,2025-03-01\n1,Pune,2025-01-01,2025-03-01\n"


@pytest.mark.parametrize(
    ("more", "rows", "told"),
    [
        (UNIQUE, TWICE, ["FD0715"]),
        (UNIQUE, "1,Pune,2025-01-01,2025-03-01\n1,Goa,2025-01-01,\n", ["FD0715"]),
        (UNIQUE, f"{TWICE}2,x,2025-01-01,\n2,y,2025-02-01,\n", ["FD0711", "FD0715"]),
        (UNIQUE + " warn", TWICE, ["FD0711", "FD0715"]),
        ("  key customer_id\n  expect unique(customer_id)", TWICE, ["FD0715"]),
        ("  expect unique(customer_id)", TWICE, ["FD0715"]),
        ("  expect unique(customer_id, city)", TWICE, ["FD0715"]),
    ],
)
def test_a_row_that_is_there_twice_is_told_once(
    tmp_path: Path, more: str, rows: str, told: list[str]
) -> None:
    assert codes(run(cards(tmp_path, more, rows))) == told


def test_a_row_that_is_there_twice_is_not_told_again_by_a_join(tmp_path: Path) -> None:
    project = priced(tmp_path, "  expect unique(sku)", "7,1,10,,\n7,1,10,,\n8,1,1,,\n")

    assert codes(run(project)) == ["FD0715"]
