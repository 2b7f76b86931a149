"""Columns that are read from the data: which types, the file, and data that change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.model import Problems
from featdsl.files.atomic import write_text_atomic
from featdsl.ir.source import LockedColumns
from featdsl.project.load import Project, load_project
from featdsl.project.lock import LOCK_FILE, lock_text, read_lock
from featdsl.runs.lock import compile_unlocked, read_columns
from featdsl.types.dtype import DATE, FLOAT, INT, TEXT, decimal, list_of, map_of
from featdsl.types.reading import read_type
from tests.support.shop import codes, published, run, shop, told

UNLISTED = """\
namespace shop

entity customer {{ key customer_id: int }}

source orders {{
  from {location}
  key order_id
  time ordered_at
  entity customer
}}

features spend for customer from orders {{
  spend_30d = sum(amount) over 30d
}}
"""
ROWS = """\
order_id,customer_id,ordered_at,amount
1,1,2026-01-10 10:00:00,10.00
2,1,2026-01-20 10:00:00,20.50
"""


def unlisted(folder: Path, location: str, data: dict[str, str]) -> Project:
    return shop(folder, text=UNLISTED.format(location=location), data=data)


def columns(project: Project) -> dict[str, LockedColumns]:
    return read_columns(project, compile_unlocked(project))


def read(project: Project) -> dict[str, str]:
    (found,) = columns(project).values()
    return {name: "not read" if t is None else str(t) for name, t in found.items()}


def locked(project: Project) -> Project:
    """The project with its columns in featc.lock."""
    write_text_atomic(project.root / LOCK_FILE, lock_text(columns(project)))
    return load_project(project.root)


def parquet(folder: Path, name: str, query: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    duckdb.execute(f"COPY ({query}) TO '{folder / name}'")


ORDERS = """SELECT 1 AS order_id, 1::SMALLINT AS customer_id,
  TIMESTAMPTZ '2026-01-10 10:00:00+00' AS ordered_at, 10.25::DECIMAL(12, 2) AS amount"""


def test_parquet_has_the_types_that_it_is_stored_with(tmp_path: Path) -> None:
    more = """, 'x'::ENUM ('x', 'y') AS e, uuid() AS u, 1.5::FLOAT AS f, DATE '2026-01-01' AS d,
      true AS b, [['a']] AS l, MAP {'a': 1.5::DECIMAL(4, 1)} AS m, '1'::BLOB AS raw,
      {'x': 1} AS s, [{'x': 1}] AS ls, TIME '10:00:00' AS t, NULL AS nothing, 2::UBIGINT AS big"""
    parquet(tmp_path / "data", "orders.parquet", ORDERS + more)
    project = unlisted(tmp_path, 'parquet "orders.parquet"', {})

    assert read(project) == {
        "order_id": "int",
        "customer_id": "int",
        "ordered_at": "timestamp",
        "amount": "decimal(12, 2)",
        "e": "text",
        "u": "text",
        "f": "float",
        "d": "date",
        "b": "bool",
        "l": "list(list(text))",
        "m": "map(text, decimal(4, 1))",
        "raw": "not read",
        "s": "not read",
        "ls": "not read",
        "t": "not read",
        "nothing": "not read",
        "big": "int",
    }


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        (["1", "-20", ""], "int"),
        (["1", "2.5"], "float"),
        (["1e-05", ".5"], "float"),
        (["9223372036854775807"], "int"),
        (["9223372036854775808"], "text"),  # float64 would round it
        (["12345678901234567", "1.5"], "text"),
        (["8001", "0012"], "text"),  # a postal code
        (["+41791234567"], "text"),
        (["true", "False", ""], "bool"),
        (["1", "0"], "int"),
        (["y", "n"], "text"),
        (["2026-01-01", "2026-1-2"], "date"),
        (["2026-01-01", "2026-01-01 10:00:00"], "timestamp"),
        (["2026-01-01T10:00:00+02:00"], "timestamp"),
        (["01.02.2026"], "text"),
        (["2026-02-30"], "text"),
        (["nan"], "text"),
        (["", ""], "text"),
    ],
)
def test_text_is_told_by_all_of_its_values(tmp_path: Path, values: list[str], dtype: str) -> None:
    lines = "".join(f"{i},{value}\n" for i, value in enumerate(values))
    project = unlisted(tmp_path, 'csv "orders.csv"', {"orders.csv": f"order_id,x\n{lines}"})

    assert read(project) == {"order_id": "int", "x": dtype}


def test_a_json_value_says_whether_it_is_text(tmp_path: Path) -> None:
    objects = """\
{"n": 1, "x": 1, "t": "1", "b": true, "d": "2026-01-01", "mixed": 1, "o": {"a": 1}, "none": null}
{"n": 2, "x": 2.5, "t": "0012", "late": "2026-01-01T10:00:00Z", "mixed": "a"}
"""
    project = unlisted(tmp_path, 'json "orders.json"', {"orders.json": objects})

    assert read(project) == {
        "b": "bool",
        "d": "date",
        "late": "timestamp",
        "mixed": "not read",
        "n": "int",
        "none": "not read",
        "o": "not read",
        "t": "text",
        "x": "float",
    }


def test_json_may_be_a_list_of_objects(tmp_path: Path) -> None:
    data = {"orders.json": '[{"n": 1}, {"n": 2, "m": "a"}]'}

    assert read(unlisted(tmp_path, 'json "orders.json"', data)) == {"m": "text", "n": "int"}


def test_what_code_and_sql_make_has_columns_too(tmp_path: Path) -> None:
    parquet(tmp_path / "data", "orders.parquet", ORDERS)
    (tmp_path / "load.py").write_text(
        "def orders():\n    return [{'order_id': 1, 'city': 'Bern', 'amount': 1.5}]\n"
    )
    query = 'sql """select order_id, amount * 2 as twice from \'orders.parquet\'"""'

    called = read(unlisted(tmp_path, 'python "load:orders"', {}))
    queried = read(unlisted(tmp_path, query, {}))

    assert called == {"order_id": "int", "city": "text", "amount": "float"}
    assert queried == {"order_id": "int", "twice": "decimal(18, 2)"}


def test_a_table_of_a_duckdb_file_has_its_types(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with duckdb.connect(str(tmp_path / "data" / "shop.duckdb")) as connection:
        connection.execute(f"CREATE TABLE orders AS {ORDERS}")
    project = unlisted(tmp_path, 'duckdb "shop.duckdb" (table = "orders")', {})

    assert read(project)["amount"] == "decimal(12, 2)"


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        ("1 AS a, 2 AS b", "1 AS a", "`2.parquet` has no column `b`, which `1.parquet` has"),
        ("1 AS a", "1.5::DOUBLE AS a", "`a` holds int in `1.parquet` and float in `2.parquet`"),
    ],
)
def test_files_that_differ_are_refused(
    tmp_path: Path, first: str, second: str, message: str
) -> None:
    parquet(tmp_path / "data", "1.parquet", f"SELECT {first}")
    parquet(tmp_path / "data", "2.parquet", f"SELECT {second}")
    project = unlisted(tmp_path, 'parquet "*.parquet"', {})

    with pytest.raises(Failure) as refused:
        columns(project)

    (found,) = refused.value.diagnostics
    assert (found.code.id, found.message) == ("FD0737", message)


def test_data_without_a_column_that_can_be_read_are_refused(tmp_path: Path) -> None:
    parquet(tmp_path / "data", "1.parquet", "SELECT 'a'::BLOB AS a, 1 AS as_of")

    with pytest.raises(Failure) as refused:
        columns(unlisted(tmp_path, 'parquet "1.parquet"', {}))

    assert [d.code.id for d in refused.value.diagnostics] == ["FD0737"]


def test_a_calendar_that_features_look_into_can_be_read(tmp_path: Path) -> None:
    text = UNLISTED.replace(
        "sum(amount) over 30d\n",
        'sum(amount) over 30d\n  holiday = next_in(holidays, day, country = "IN")\n',
    )
    text += '\nsource holidays {{ from csv "holidays.csv" }}\n'
    project = shop(
        tmp_path,
        text=text.format(location='csv "orders.csv"'),
        data={"orders.csv": ROWS, "holidays.csv": "day,country\n2026-01-26,IN\n"},
    )

    assert columns(project)["shop.holidays"] == {"day": DATE, "country": TEXT}


def test_a_run_reads_what_is_locked(tmp_path: Path) -> None:
    project = locked(unlisted(tmp_path, 'csv "orders.csv"', {"orders.csv": ROWS}))

    assert codes(run(project)) == []
    assert published(project).rows == [(1, 30.5)]


def test_dates_that_are_times_are_read_as_their_midnight(tmp_path: Path) -> None:
    dates = ORDERS.replace("TIMESTAMPTZ '2026-01-10 10:00:00+00'", "DATE '2026-01-10'")
    parquet(tmp_path / "data", "orders.parquet", dates)
    project = unlisted(tmp_path, 'parquet "orders.parquet"', {})

    assert read(project)["ordered_at"] == "date"
    assert codes(run(locked(project))) == []
    assert [row[0] for row in published(project).rows] == [1]


def changed(tmp_path: Path, before: str, after: str) -> tuple[Project, Any]:
    parquet(tmp_path / "data", "orders.parquet", before)
    project = locked(unlisted(tmp_path, 'parquet "orders.parquet"', {}))
    assert codes(run(project)) == []
    parquet(tmp_path / "data", "orders.parquet", after)
    return project, run(project)


def test_a_column_that_is_gone_stops_the_run(tmp_path: Path) -> None:
    project, outcome = changed(tmp_path, f"{ORDERS}, 1 AS extra", ORDERS)

    assert codes(outcome) == ["FD0734"]
    message = "the data of `orders` have no column `extra` any more"
    assert message in told(outcome, project)
    assert "`featc lock` accepts it" in told(outcome, project)
    assert codes(run(locked(project))) == []


def test_a_column_of_another_type_stops_the_run(tmp_path: Path) -> None:
    after = ORDERS.replace("DECIMAL(12, 2)", "DOUBLE")
    project, outcome = changed(tmp_path, ORDERS, after)

    assert codes(outcome) == ["FD0734"]
    message = "`amount` of `orders` was decimal(12, 2), and the data hold float now"
    assert message in told(outcome, project)


def test_a_type_of_other_bits_is_the_same(tmp_path: Path) -> None:
    _, outcome = changed(tmp_path, ORDERS, ORDERS.replace("SMALLINT", "BIGINT"))

    assert codes(outcome) == []


def test_a_new_column_is_told_and_not_read(tmp_path: Path) -> None:
    project, outcome = changed(tmp_path, ORDERS, f"{ORDERS}, 1 AS channel")

    assert codes(outcome) == ["FD0735"]
    assert "have a new column `channel`, which is not read" in told(outcome, project)
    assert published(project).rows[0][0] == 1


def test_text_that_fits_no_more_is_told_with_its_line(tmp_path: Path) -> None:
    project = locked(unlisted(tmp_path, 'csv "orders.csv"', {"orders.csv": ROWS}))
    (tmp_path / "data" / "orders.csv").write_text(ROWS.replace("20.50", "many"))

    outcome = run(project)

    assert codes(outcome) == ["FD0709"]
    assert "line 3 of orders.csv" in told(outcome, project)
    assert "let `featc lock` read the types again" in told(outcome, project)


def test_names_of_csv_and_json_are_compared(tmp_path: Path) -> None:
    data = {"orders.csv": ROWS}
    project = locked(unlisted(tmp_path / "csv", 'csv "orders.csv"', data))
    (tmp_path / "csv" / "data" / "orders.csv").write_text(ROWS.replace("amount", "total"))
    objects = '{"order_id": 1, "customer_id": 1, "ordered_at": "2026-01-10", "amount": 1}\n'
    other = locked(unlisted(tmp_path / "json", 'json "orders.json"', {"orders.json": objects}))
    text = objects.replace("amount", "total")
    (tmp_path / "json" / "data" / "orders.json").write_text(text)

    assert codes(run(project)) == ["FD0734", "FD0735"]
    assert codes(run(other)) == ["FD0734", "FD0735"]


def test_the_file_reads_back_what_it_holds() -> None:
    found: dict[str, LockedColumns] = {
        "shop.b": {"z": INT, 'with "quotes" \\ and \x7f': decimal(12, 2), "raw": None},
        "shop.a": {"l": list_of(map_of(TEXT, list_of(FLOAT))), "Customer No.": TEXT},
    }
    problems = Problems()

    text = lock_text(found)

    assert read_lock(text, problems) == found
    assert [list(c) for c in read_lock(text, problems).values()] == [
        ["l", "Customer No."],
        ["z", 'with "quotes" \\ and \x7f', "raw"],
    ]
    assert lock_text(dict(reversed(found.items()))) == text
    assert problems.items == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("version = ", "featc.lock is no TOML: invalid value"),
        ("version = 2", "featc.lock is of version 2, and version 1 is read"),
        ("", "featc.lock is of version None, and version 1 is read"),
        ('version = 1\n[sources."a.b"]\nx = "money"', "`money` is no type of a column"),
        ("version = 1\nsources = 3", "featc.lock lists no sources, and version 1 is read"),
        ("version = 1\n[sources]\nx = 3", "`3` is no type of a column"),
    ],
)
def test_a_file_that_is_broken_is_reported(text: str, message: str) -> None:
    problems = Problems()

    assert read_lock(text, problems) == {}
    assert [(d.code.id, d.message) for d in problems.items] == [("FD0736", message)]


@pytest.mark.parametrize(
    "text", ["", "money", "decimal(0, 0)", "decimal(39, 0)", "list(int", "map(int)", "list()"]
)
def test_what_is_no_type_is_not_read(text: str) -> None:
    assert read_type(text) is None


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ("9" * 5000, "a number has more than 4,300 digits"),
        ("[" * 3000 + "]" * 3000, "values are nested too deeply"),
    ],
    ids=["digits", "brackets"],
)
def test_a_lock_file_that_is_too_deep_or_long_is_told_at_its_place(value: str, what: str) -> None:
    problems = Problems()
    read_lock(f"version = 1\nx = {value}\n", problems)

    assert [(d.code.id, d.message) for d in problems.items] == [
        ("FD0736", f"featc.lock is no TOML: {what}")
    ]
