"""Trees that are rewritten for Postgres, without a server: what is refused, renamed, collated."""

from __future__ import annotations

import re

import pytest
from sqlglot import exp

from featdsl.dialects.registry import dialects
from featdsl.dialects.spec import Lacking, StoredTable
from featdsl.sql import build
from featdsl.types.dtype import FLOAT, INT, TEXT, decimal

POSTGRES = dialects()["postgres"]
ROWS = StoredTable(
    name="rows",
    schema=None,
    columns={"i": INT, "f": FLOAT, "d": decimal(12, 2), "t": TEXT},
)


def finished(*values: exp.Expr, **clauses) -> str:
    query = exp.select(*(build.aliased(v, f"v{i}") for i, v in enumerate(values)))
    query = query.from_(build.table("stored"))
    for name, clause in clauses.items():
        query.set(name, clause)
    return POSTGRES.finish(query, {"stored": ROWS}, {}).sql("postgres")


@pytest.mark.parametrize(
    "value",
    [
        build.func("nobody_knows", build.col("i")),
        build.func("regexp_matches", build.col("t"), build.text("a")),
        exp.Filter(
            this=build.func("var_pop", build.col("f")),
            expression=exp.Where(this=build.boolean(True)),
        ),
        exp.Mod(this=build.col("f"), expression=build.col("i")),
        exp.cast(build.col("t"), exp.DataType.Type.BIGINT),
        exp.cast(build.col("f"), exp.DataType.Type.VARCHAR),
        exp.Window(this=exp.Sum(this=build.col("i"))),
        exp.RegexpLike(this=build.col("t"), expression=build.text("a")),
        build.text("a\0b"),
    ],
    ids=lambda v: v.sql("duckdb")[:30],
)
def test_what_is_in_no_table_is_refused(value: exp.Expr) -> None:
    with pytest.raises(Lacking):
        finished(value)


@pytest.mark.parametrize(
    "clauses",
    [
        {"having": exp.Having(this=build.boolean(True))},
        {"offset": exp.Offset(expression=build.number(1))},
        {"joins": [exp.Join(this=build.table("stored"), method="POSITIONAL")]},
    ],
    ids=lambda c: next(iter(c)),
)
def test_a_clause_that_is_not_known_is_refused(clauses) -> None:
    with pytest.raises(Lacking):
        finished(build.col("i"), **clauses)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (exp.Min(this=build.col("t")), 'MIN("t")'),  # ordered by code point where it is read
        (
            exp.Min(this=build.case(build.boolean(True), build.text("a"))),
            """MIN(CASE WHEN TRUE THEN 'a' END COLLATE "C")""",
        ),
        (exp.LT(this=build.text("a"), expression=build.text("B")), """'a' COLLATE "C" < 'B'"""),
        (exp.EQ(this=build.text("a"), expression=build.text("B")), "'a' = 'B'"),
    ],
)
def test_texts_are_ordered_by_code_point_on_any_server(value: exp.Expr, expected: str) -> None:
    written = finished(value)

    assert expected in written
    assert 'CAST("t" AS TEXT) COLLATE "C" AS "t"' in written or '"t"' not in written


def test_long_names_within_a_statement_are_shortened_always_the_same() -> None:
    def statement() -> str:
        name = "step_" + "é" * 40
        step = exp.select(build.aliased(build.col("i"), "x" * 70)).from_(build.table("stored"))
        cte = exp.CTE(this=step, alias=exp.TableAlias(this=build.ident(name)))
        query = exp.select(build.aliased(build.col("x" * 70, name), "v")).from_(build.table(name))
        query.set("with_", exp.With(expressions=[cte]))
        return POSTGRES.finish(query, {"stored": ROWS}, {"v": INT}).sql("postgres")

    written = statement()

    assert max(len(name.encode()) for name in re.findall(r'"([^"]*)"', written)) <= 63
    assert written == statement()
    assert "x" * 64 not in written


def test_the_start_of_a_comment_in_a_note_starts_none() -> None:
    step = exp.select(build.col("i")).from_(build.table("stored"))
    cte = exp.CTE(this=step, alias=exp.TableAlias(this=build.ident("s")))
    cte.add_comments([" the newest version of each a /* b "])
    query = exp.select(build.col("i")).from_(build.table("s"))
    query.set("with_", exp.With(expressions=[cte]))

    written = POSTGRES.finish(query, {"stored": ROWS}, {}).sql("postgres")

    assert written.count("/*") == written.count("*/") == 1
