"""The locked session: what it reaches, what it uses, how its errors are told."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlglot import exp

from featdsl.engines.duckdb import Session
from featdsl.engines.errors import EngineError, Trouble
from featdsl.engines.profile import Profile, available_memory, memory_bytes
from featdsl.sql import build, statements
from featdsl.types.dtype import INT, TEXT, decimal

LONG = "SELECT count(*) FROM range(10000000) a, range(100000) b WHERE hash(a.range) < hash(b.range)"


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """A folder to read and one to write, and a file outside both."""
    data, target = tmp_path / "data", tmp_path / "target"
    data.mkdir()
    target.mkdir()
    (data / "a.csv").write_text("x\n1\n", encoding="utf-8")
    (tmp_path / "secret.csv").write_text("x\n42\n", encoding="utf-8")
    (data / "link.csv").symlink_to(tmp_path / "secret.csv")
    return data, target


def session(folders: tuple[Path, Path], **profile: Any) -> Session:
    data, target = folders
    return Session(Profile(readable=(data,), writable=target, **profile))


def test_declared_folders_can_be_read_and_written(folders: tuple[Path, Path]) -> None:
    data, target = folders
    with session(folders) as s:
        rows = s.execute("SELECT x FROM read_csv($path)", {"path": str(data / "a.csv")})
        count = s.copy(
            statements.rows({"x": INT}, [[1], [2]]), target / "o.parquet", {"FORMAT": "parquet"}
        )

    assert rows == [(1,)]
    assert count == 2
    assert (target / "o.parquet").exists()


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_csv('{outside}/secret.csv')",
        "SELECT * FROM read_text('{outside}/data/../secret.csv')",
        "SELECT * FROM glob('{outside}/*')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_csv('https://example.com/x.csv')",
        "SELECT * FROM read_blob('/proc/self/environ')",
        "COPY (SELECT 1) TO '{outside}/out.csv'",
        "ATTACH '{outside}/out.db'",
        "EXPORT DATABASE '{outside}/out'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET allowed_directories = ['/']",
        "SET lock_configuration = false",
        "SET temp_directory = '/tmp'",
        "SET memory_limit = '100GB'",
        "SET TimeZone = 'Asia/Kolkata'",
        "RESET memory_limit",
        "CREATE PERSISTENT SECRET s (TYPE s3)",
    ],
)
def test_what_lies_outside_is_out_of_reach(folders: tuple[Path, Path], statement: str) -> None:
    outside = folders[0].parent
    before = sorted(outside.iterdir())

    with session(folders) as s, pytest.raises(EngineError):
        s.execute(statement.format(outside=outside))

    assert sorted(outside.iterdir()) == before


def test_a_link_out_of_the_folder_is_not_followed_by_the_sources(tmp_path: Path) -> None:
    from featdsl.diagnostics.failure import Failure
    from featdsl.ir.program import Location
    from featdsl.sources.locate import find_files
    from featdsl.text.span import Span

    data = tmp_path / "data"
    data.mkdir()
    (tmp_path / "secret.csv").write_text("x\n", encoding="utf-8")
    (data / "link.csv").symlink_to(tmp_path / "secret.csv")
    location = Location(kind="csv", argument="*.csv", span=Span("t.feat", 0, 0))

    with pytest.raises(Failure) as caught:
        find_files(location, data, [data])

    assert [d.code.id for d in caught.value.diagnostics] == ["FD0704"]


def test_a_name_of_a_table_is_never_a_variable_of_the_program() -> None:
    import pandas

    secret_frame = pandas.DataFrame({"x": [42]})
    assert len(secret_frame) == 1

    with Session() as s, pytest.raises(EngineError, match="the engine reports"):
        s.execute("SELECT * FROM secret_frame")


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "America/New_York", "Australia/Lord_Howe"])
def test_time_is_utc_whatever_the_host_says(monkeypatch: pytest.MonkeyPatch, zone: str) -> None:
    import time

    monkeypatch.setenv("TZ", zone)
    time.tzset()
    with Session() as s:
        rows = s.execute(
            "SELECT current_setting('TimeZone'), "
            "CAST(CAST('2026-03-08 02:30:00+00' AS TIMESTAMPTZ) AS TIMESTAMP)::VARCHAR"
        )
    monkeypatch.undo()
    time.tzset()

    assert rows == [("UTC", "2026-03-08 02:30:00")]


def test_what_does_not_fit_into_memory_is_put_aside(tmp_path: Path) -> None:
    profile = Profile(writable=tmp_path, spill=tmp_path / "spill", memory_bytes=64 * 10**6)

    with Session(profile) as s:
        rows = s.execute("SELECT count(*) FROM (SELECT DISTINCT hash(range) FROM range(4000000))")
        rows += s.execute(
            "SELECT max(x) FROM (SELECT range AS x FROM range(3000000) ORDER BY hash(range))"
        )

    assert rows == [(4_000_000,), (2_999_999,)]


def test_a_query_that_needs_more_memory_names_the_setting() -> None:
    with Session(Profile(memory_bytes=20 * 10**6)) as s, pytest.raises(EngineError) as caught:
        s.execute("SELECT median(hash(range)) FROM range(20000000)", doing="computing `a.b`")

    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code.id == "FD0801"
    assert diagnostic.message.startswith("computing `a.b`: ")
    assert "memory_limit" in diagnostic.helps[0]


@pytest.mark.parametrize(
    ("statement", "trouble"),
    [
        ("SELECT CAST('x' AS BIGINT)", Trouble.CONVERSION),
        ("SELECT CAST(1e30 AS DECIMAL(10, 2))", Trouble.TOO_LARGE),
        ("SELECT 9223372036854775807::BIGINT + range FROM range(2)", Trouble.TOO_LARGE),
        (
            "SELECT sum(x) FROM (SELECT (10::HUGEINT ** 38)::HUGEINT AS x FROM range(9))",
            Trouble.TOO_LARGE,
        ),
        ("SELEC 1", Trouble.OTHER),
        ("SELECT * FROM nothing", Trouble.OTHER),
    ],
)
def test_errors_are_sorted_by_what_can_be_done(statement: str, trouble: Trouble) -> None:
    with Session() as s, pytest.raises(EngineError) as caught:
        s.execute(statement)

    assert caught.value.trouble is trouble
    assert "LINE 1" not in caught.value.diagnostics[0].notes[0]


def test_a_query_that_takes_too_long_is_stopped() -> None:
    with Session(Profile(timeout_seconds=0.2)) as s:
        with pytest.raises(EngineError) as caught:
            s.execute(LONG)

        assert caught.value.trouble is Trouble.TIMEOUT
        assert s.execute("SELECT 1") == [(1,)]


def test_another_thread_can_stop_a_query() -> None:
    with Session() as s:
        threading.Timer(0.2, s.interrupt).start()
        with pytest.raises(EngineError):
            s.execute(LONG)


def test_a_copy_that_fails_leaves_no_file(tmp_path: Path) -> None:
    path = tmp_path / "o.parquet"
    query = exp.Select(
        expressions=[
            exp.cast(
                build.func("concat", build.text("x"), build.col("range")), exp.DataType.Type.INT
            )
        ]
    ).from_(statements.table_function("range", build.number(300_000), {}))

    with Session(Profile(writable=tmp_path)) as s, pytest.raises(EngineError):
        s.copy(query, path, {"FORMAT": "parquet"})

    assert list(tmp_path.iterdir()) == []


def test_values_are_data_and_never_sql() -> None:
    evil = "'; DROP TABLE t; --"
    columns = {'a"; DROP TABLE t; --': TEXT, "b": decimal(5, 2)}

    with Session() as s:
        rows = s.execute(statements.rows(columns, [[evil, None]]))
        names = s.columns(statements.rows(columns, []))

    assert rows == [(evil, None)]
    assert names == [('a"; DROP TABLE t; --', "VARCHAR"), ("b", "DECIMAL(5,2)")]


def test_rows_come_with_the_names_of_their_columns() -> None:
    columns = {"a b": INT, 'q"': TEXT}

    with Session() as s:
        found = s.rows(statements.rows(columns, [[1, None], [2, "x"]]))
        none = s.rows(statements.rows(columns, []))

    assert found == (["a b", 'q"'], [(1, None), (2, "x")])
    assert none == (["a b", 'q"'], [])


@pytest.mark.parametrize(
    ("text", "amount"),
    [("4GB", 4 * 10**9), ("1.5 GiB", 1610612736), ("512 mb", 512 * 10**6), ("64KiB", 65536)],
)
def test_amounts_of_memory_are_read(text: str, amount: int) -> None:
    assert memory_bytes(text) == amount


def test_the_memory_of_the_machine_is_known() -> None:
    found = available_memory()

    assert found is not None
    assert found > 10**8


def test_opening_a_session_leaves_no_thread_behind() -> None:
    before = threading.active_count()

    with Session() as s:
        s.execute("SELECT 1")

    assert threading.active_count() == before


def test_ctrl_c_stops_a_query_beside_a_library_that_takes_the_signal_too() -> None:
    code = (
        "import os, signal, threading\n"
        "import polars\n"
        "from featdsl.engines.duckdb import Session\n"
        "polars.DataFrame({'a': [1]}).lazy().select(polars.col('a').sum()).collect()\n"
        "with Session() as session:\n"
        "    threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()\n"
        "    try:\n"
        "        session.execute('SELECT count(*) FROM range(10000000) a, range(100000) b '\n"
        "                        'WHERE hash(a.range) < hash(b.range)')\n"
        "    except KeyboardInterrupt:\n"
        "        print('stopped', session.execute('SELECT 1'))\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "stopped [(1,)]\n", "")
