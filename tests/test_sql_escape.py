"""SQL within texts: what may be written, what may be called, and that nothing is rewritten."""

from __future__ import annotations

from datetime import datetime

import duckdb
import pytest

from featdsl.sql import build
from featdsl.sql.escape import LEVELS, EscapeError, Wrong, fill, read
from featdsl.sql.escape_functions import ALLOWED, CLOCK
from featdsl.types.dtype import TIMESTAMP

# Spelled by the parser, or by the engine's binder: not in the engine's catalogue.
SYNTAX = {"coalesce", "date_bin", "if", "ifnull", "nullif"}


def test_what_may_be_called_is_what_the_engine_calls_consistent():
    rows = duckdb.sql(
        "SELECT function_name FROM duckdb_functions() "
        "WHERE function_type = 'scalar' AND stability = 'CONSISTENT'"
    ).fetchall()

    # `date_add` is a macro of the engine: a time plus an interval.
    assert {name for (name,) in rows} >= ALLOWED - SYNTAX - {"date_add"}
    assert not ALLOWED & CLOCK


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("date_sub('day', {0}, timestamp '2026-03-06 05:00:00')", 1),
        ("date_diff('day', {0}, timestamp '2026-03-06 05:00:00')", 2),
        ("strftime(date_bin(interval 1 week, {0}), '%d')", "02"),
        ("extract(dow from {0})", 3),
        ("strftime({0} at time zone 'UTC' at time zone 'Asia/Kolkata', '%H:%M')", "10:36"),
        ("log(2, 8)", 3.0),
        ("-7 // 2 + 7 % 4", 0),
        ("regexp_matches('ab', 'a') and not regexp_full_match('ab', 'a')", True),
        (r"'a\d' || 'it''s'", r"a\dit's"),
        ("case when day({0}) in (4, 5) then 'in' else 'out' end", "in"),
        ("json_extract_string('{\"a\": 1}', '$.a')", "1"),
        ("if(isnan(1.5), 1, ifnull(null, 2))", 2),
    ],
)
def test_functions_mean_what_they_mean_in_the_engine(text: str, value: object):
    time = build.literal(datetime(2026, 3, 4, 5, 6, 7), TIMESTAMP)

    sql = fill(text, (time,)).sql("duckdb")

    assert duckdb.sql(f"SELECT {sql}").fetchall() == [(value,)]


@pytest.mark.parametrize(
    "text",
    [
        *("", "x", '"x"', "*", "?", "$1", ":x", "@x", "#1", "user", "current_user", "default"),
        *("1; 2", "1, 2", "1 as y", "{a} x", "{a}{a}", "{a}(1)", "{a}.lower()", "select 1"),
        *("(select 1)", "{a} in (select 1)", "from t", "drop table t", "pragma version"),
        *("1 -- c", "/* c */ 1", "lower/**/('a')", "{a} ~ 'a'", "{a} collate nocase"),
        *("cast({a} as regclass)", "cast({a} as {a})", "interval 1 {a}", "main.lower('a')"),
        *("extract({a} from {a})", "lower(x := {a})", "next value for s", "'a' 'b'", "{a b}"),
        *("count(*) over ()", "x -> x", "{'a': 1}", "map {'a': 1}", "1 +", "'", "{a"),
    ],
)
def test_what_is_not_one_expression_of_its_arguments_is_refused(text: str):
    with pytest.raises(EscapeError):
        read(text)


@pytest.mark.parametrize(
    "name",
    [
        *("getenv", "read_csv", "read_text", "glob", "query", "query_table", "getvariable"),
        *("current_setting", "current_schema", "current_database", "version", "pg_sleep"),
        *("sum", "count", "first", "list_aggregate", "unnest", "range", "generate_series"),
        *("exists", "any", "columns", "try", "error", "write_log", "json_execute_serialized_sql"),
    ],
)
def test_what_reads_more_than_its_arguments_is_refused(name: str):
    for text in (f"{name}('a')", f"{name.upper()} ('a')", f"lower({name}())"):
        with pytest.raises(EscapeError) as found:
            read(text)
        assert found.value.wrong is Wrong.FUNCTION


@pytest.mark.parametrize("name", sorted(CLOCK))
def test_what_differs_from_run_to_run_is_refused(name: str):
    with pytest.raises(EscapeError) as found:
        read(f"{name}()")

    assert found.value.wrong is Wrong.CLOCK


@pytest.mark.parametrize(
    "text",
    [
        f"{'(' * 900}1{')' * 900}",
        "not " * 480 + "true",
        "- " * 900 + "1",
        "+".join("1" * 900),
        "case when true then " * 90 + "1" + " end" * 90,
        "lower(" * 300 + "'a'" + ")" * 300,
        "1" * 3000,
    ],
)
def test_no_text_is_too_deep_for_the_reader(text: str):
    with pytest.raises(EscapeError) as found:
        read(text)

    assert found.value.wrong is Wrong.TEXT


def test_a_value_stays_a_value():
    hostile = "'); DROP TABLE t; -- {0}"

    sql = fill("upper({0}) || '{0}'", (build.text(hostile),)).sql("duckdb")

    assert duckdb.sql(f"SELECT {sql}").fetchall() == [(hostile.upper() + "{0}",)]
    assert read("lower({a})" + " || 'x'" * (LEVELS - 4)).holes == ("a",)
