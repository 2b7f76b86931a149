"""Letters in Postgres: the simple mappings that DuckDB has, of every code point that both know."""

from __future__ import annotations

import sys
import unicodedata

import duckdb
import pytest
from sqlglot import exp

from featdsl.dialects.registry import dialects
from featdsl.dialects.spec import StoredTable
from featdsl.sql import build
from featdsl.types.dtype import TEXT

NEWER = "\ua7cb\ua7dc"
"""Capitals that Unicode has since version 16, which Postgres 18 follows."""

pytestmark = pytest.mark.engine


@pytest.mark.parametrize("function", ["lower", "upper"])
def test_letters_are_mapped_alike(postgres, function) -> None:
    letters = [
        chr(c)
        for c in range(1, sys.maxunicode + 1)
        if unicodedata.category(chr(c)) in ("Lu", "Ll", "Lt", "Lm", "Lo", "Nl", "So", "Mn")
    ]
    query = exp.select(
        build.col("x"), build.aliased(build.func(function, build.col("x")), "y")
    ).from_(build.table("letters"))
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE letters AS SELECT unnest($x) AS x", {"x": letters})
        here = dict(connection.execute(query.sql("duckdb")).fetchall())
    postgres.execute("DROP TABLE IF EXISTS letters; CREATE TABLE letters (x text)")
    with postgres.cursor() as cursor, cursor.copy("COPY letters FROM STDIN") as copy:
        for letter in letters:
            copy.write_row((letter,))
    stored = StoredTable(name="letters", schema=None, columns={"x": TEXT})
    finished = dialects()["postgres"].finish(query, {"letters": stored}, {"x": TEXT, "y": TEXT})
    there = dict(postgres.execute(finished.sql("postgres")).fetchall())

    differing = {x: there[x] for x in letters if here[x] != there[x]}
    assert len(there) > 100_000
    assert {x: y for x, y in differing.items() if y not in NEWER} == {}
