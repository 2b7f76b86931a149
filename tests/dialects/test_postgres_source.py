"""Sources from tables of a Postgres server: rows, types, and a password that nobody sees."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest

from featdsl.compiler.embed import render_statement
from featdsl.diagnostics.failure import Failure
from featdsl.project.load import Project, load_project
from featdsl.runs.lock import compile_unlocked, read_columns
from tests.support.seeds import first_seed
from tests.support.shop import AS_OF, codes, compiled, published, run, shop, told

pytestmark = pytest.mark.engine

VARIABLE = "SHOP_DSN"
MAKE = """
DROP TABLE IF EXISTS bought CASCADE;
CREATE TABLE bought (
  order_id bigint, customer_id smallint, ordered_at timestamptz, amount numeric, status varchar(12),
  payload jsonb
);
INSERT INTO bought VALUES
  (1, 1, '2026-01-10 12:00:00+02', 10.25, E'pa"id,\\nnow', '{}'),
  (2, 1, '2026-01-31 23:30:00+00', 20.5, '', NULL),
  (3, 1, '2026-02-01 01:00:00+01', 99, NULL, NULL),
  (4, 2, '2026-01-25 10:00:00+00', 'NaN', '\\N', NULL);
"""
FEATURES = """
  quoted = count(where contains(status, "\\n")) over 30d
  empty  = count(where status = "") over 30d
  slash  = count(where status = "\\\\N") over 30d
"""


def pg_shop(
    folder: Path, address: str | None, table: str = "bought", features: str = FEATURES
) -> Project:
    shop(
        folder,
        location=f'postgres env("{VARIABLE}") (table = "{table}")',
        features=features,
        data={},
    )
    return load_project(folder, environment={} if address is None else {VARIABLE: address})


@pytest.fixture
def address(server: str, postgres: Any) -> str:
    postgres.execute(MAKE)
    return server.replace("/postgres?", "/featc_test?")


def test_rows_are_fetched_in_utc_and_text_is_kept(tmp_path: Path, address: str) -> None:
    project = pg_shop(tmp_path, address)

    outcome = run(project)

    assert codes(outcome) == []
    # 31 January 23:30 UTC counts, and 1 February 01:00 in Paris, which is midnight UTC, does not.
    assert [tuple(map(str, row)) for row in published(project).rows] == [
        ("1", "30.75", "2", "1", "1", "0"),
        ("2", "None", "1", "0", "0", "1"),
    ]
    (used,) = outcome.record.inputs
    assert (used.kind, used.location, used.rows) == ("postgres", 'env("SHOP_DSN")', 4)
    assert list((tmp_path / "target" / "cache").glob(".fetched-*")) == []


NOTES = """\
namespace shop
entity note { key note_id: int }
source notes {
  from postgres env("SHOP_DSN") (table = "notes")
  key note_id
  entity note
  columns { note_id: int required  words: text }
}
features said for note from notes { words = words }
"""
AWKWARD = ["a\r\nb", "\r", "\n", "  a  ", '"', '""', 'a"b', "", "\\N", "\\", "\t", "é\u2028", "a,b"]
AWKWARD += ["\x01\x7f", "x" * 3_000_000, "'", '\\"', "NULL", "\ufeff"]


def test_every_text_comes_as_it_is(tmp_path: Path, address: str, postgres: Any) -> None:
    r = Random(first_seed())
    letters = 'ab,"\r\n\\ \té'
    texts = AWKWARD + ["".join(r.choices(letters, k=r.randint(0, 12))) for _ in range(3000)]
    rows = [*enumerate([*texts, None])]
    postgres.execute("DROP TABLE IF EXISTS notes; CREATE TABLE notes (note_id int, words text)")
    with postgres.cursor() as cursor, cursor.copy("COPY notes FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    shop(tmp_path, text=NOTES, data={})
    project = load_project(tmp_path, environment={VARIABLE: address})

    assert codes(run(project)) == []
    assert published(project, "shop.said").rows == rows


def test_a_view_is_read_too(tmp_path: Path, address: str, postgres: Any) -> None:
    postgres.execute("CREATE VIEW few AS SELECT * FROM bought WHERE order_id = 1")

    project = pg_shop(tmp_path, address, "few")

    assert codes(run(project)) == []
    assert len(published(project).rows) == 1


def test_every_type_comes_as_it_is(tmp_path: Path, address: str, postgres: Any) -> None:
    postgres.execute(
        "DROP TYPE IF EXISTS mood CASCADE; CREATE TYPE mood AS ENUM ('sad', 'glad');"
        "DROP TABLE IF EXISTS kinds;"
        "CREATE TABLE kinds (order_id int, b boolean, i smallint, f double precision, r real, "
        "n numeric(12, 2), m numeric, t text, c char(5), u uuid, d date, ts timestamp, "
        "tz timestamptz(3), e mood, j jsonb, a int[], x bytea, w interval);"
        "INSERT INTO kinds VALUES (1, true, 3, 0.1, 'Infinity', 1.5, 0.125, 'é', 'ab', "
        "'6a2f41a3-c54c-fce8-32d2-0324e1c32e22', '2026-01-01', '2026-01-01 10:00', "
        "'2026-01-01 10:00+01', 'glad')"
    )
    project = pg_shop(tmp_path, address, "kinds")
    text = (tmp_path / "shop.feat").read_text()
    start, end = text.index("  columns {"), text.index("  }\n", text.index("  columns {")) + 4
    bare = f"{text[:start].replace('time ordered_at', 'time ts')}{text[end:]}"
    (tmp_path / "shop.feat").write_text(bare.replace("customer_id: int", "order_id: int"))
    project = load_project(tmp_path, environment={VARIABLE: address})

    (found,) = read_columns(project, compile_unlocked(project)).values()

    assert {name: str(dtype) for name, dtype in found.items() if dtype} == {
        "order_id": "int",
        "b": "bool",
        "i": "int",
        "f": "float",
        "r": "float",
        "n": "decimal(12, 2)",
        "m": "decimal(38, 3)",
        "t": "text",
        "c": "text",
        "u": "text",
        "d": "date",
        "ts": "timestamp",
        "tz": "timestamp",
        "e": "text",
    }
    assert [name for name, dtype in found.items() if dtype is None] == ["j", "a", "x", "w"]


def test_a_column_without_a_type_cannot_be_declared(tmp_path: Path, address: str) -> None:
    project = pg_shop(tmp_path, address)
    text = (tmp_path / "shop.feat").read_text().replace("status:      text", "payload: text")
    (tmp_path / "shop.feat").write_text(text.replace(FEATURES, ""))
    project = load_project(tmp_path, environment={VARIABLE: address})

    outcome = run(project)

    assert codes(outcome) == ["FD0706"]
    assert "`payload` of `public.bought` is jsonb, which is not read" in told(outcome, project)


def test_a_table_that_is_not_there_is_named(tmp_path: Path, address: str) -> None:
    project = pg_shop(tmp_path, address, "brought")

    outcome = run(project)

    assert codes(outcome) == ["FD0702"]
    assert "the server has no table `public.brought`" in told(outcome, project)
    assert "did you mean `bought`?" in told(outcome, project)


@pytest.mark.parametrize(
    ("address", "message"),
    [
        (None, "the environment has no variable `SHOP_DSN`"),
        ("postgresql://me:hunter22@127.0.0.1:9/shop", "that `SHOP_DSN` names cannot be reached"),
        ("host=127.0.0.1 port=9 password=hunter22", "that `SHOP_DSN` names cannot be reached"),
        ("hunter22", "`SHOP_DSN` does not say how a server is reached"),
    ],
)
def test_a_server_that_is_not_reached_tells_no_password(
    tmp_path: Path, address: str | None, message: str
) -> None:
    project = pg_shop(tmp_path, address)

    outcome = run(project)

    assert codes(outcome) == ["FD0745"]
    assert message in told(outcome, project)
    assert "hunter22" not in told(outcome, project)
    assert "hunter22" not in outcome.record.model_dump_json()


def test_nothing_that_is_compiled_knows_the_server(tmp_path: Path, address: str) -> None:
    project = pg_shop(tmp_path, "postgresql://me:hunter22@db/shop", features="")
    program = compiled(project).program

    assert "hunter22" not in repr(program)
    with pytest.raises(Failure) as refused:
        render_statement(program, "shop.spend", as_of=AS_OF.instant)
    assert [d.code.id for d in refused.value.diagnostics] == ["FD0501"]
    text = render_statement(
        program, "shop.spend", as_of=AS_OF.instant, dialect="postgres", source_schema="raw"
    )
    assert '"raw"."orders"' in text
