"""`featc export contract`: what readers of a data set may rely on, in the words of other tools."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from shop import shop

fastavro = pytest.importorskip("fastavro")
jsonschema = pytest.importorskip("jsonschema")

TEXT = """
namespace shop

entity customer {
  key customer_id: int
}

source orders {
  from csv "orders.csv"
  key order_id
  time ordered_at
  entity customer
  columns {
    order_id:    int       required
    customer_id: int       required
    ordered_at:  timestamp required
    amount:      decimal(12, 2)
    status:      text
  }
}

features spend for customer from orders {
  ## It's what they paid
  spend_30d = sum(amount) over 30d { unit "EUR" }
  points = sum(order_id)
  orders_30d = count() over 30d
  mean = avg(amount)
  paid = exists(where status = "paid")
  newest = max(ordered_at)
  all = collect(status)
  since = (last(ordered_at) - first(ordered_at)) / 1d
  sizes = histogram(status)
}

## What is asked at each order
dataset visits for customer {
  spine orders at ordered_at
  include spend.*
}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shop(tmp_path)
    (tmp_path / "shop.feat").write_text(TEXT)
    return tmp_path


def write(project: Path, *changes: tuple[str, str]) -> None:
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    (project / "shop.feat").write_text(text)


def exported(featc, project: Path, form: str) -> str:
    result = featc("export", "contract", "visits", "--as", form, cwd=project)
    assert result.status == 0, result.err
    return str(result.out)


def trained(featc, project: Path) -> Path:
    """The rows that are published."""
    result = featc("train", "visits", "--json", cwd=project)
    assert result.status == 0, result.err
    return max((project / "target" / "data").rglob("training.parquet"))


def test_rows_fit_the_json_schema_and_others_do_not(featc, project: Path) -> None:
    file = trained(featc, project)
    schema = json.loads(exported(featc, project, "jsonschema"))
    out = project / "rows.jsonl"
    with duckdb.connect() as connection:
        connection.execute(f"COPY (FROM '{file}') TO '{out}' (FORMAT json)")
    rows = [json.loads(line) for line in out.read_text().splitlines()]

    jsonschema.Draft202012Validator.check_schema(schema)
    checker = jsonschema.Draft202012Validator(schema)
    assert len(rows) == 3
    for row in rows:
        assert list(checker.iter_errors(row)) == []
        assert list(checker.iter_errors({**row, "customer_id": None}))
        assert list(checker.iter_errors({**row, "spend_30d": "1.00"}))
        assert list(checker.iter_errors({k: v for k, v in row.items() if k != "paid"}))
        assert list(checker.iter_errors({**row, "more": 1}))
    column = schema["properties"]["spend_30d"]
    assert column["x-featc"] == {"role": "feature", "type": "decimal(38, 2)", "unit": "EUR"}
    assert column["description"].startswith("It's what they paid. Sum of `amount`")
    assert schema["x-featc"]["version"] == "1.0.0"


def test_rows_can_be_written_by_the_avro_schema(featc, project: Path) -> None:
    file = trained(featc, project)
    schema = fastavro.parse_schema(json.loads(exported(featc, project, "avro")))
    with duckdb.connect() as connection:
        result = connection.execute(f"FROM '{file}'")
        names = [d[0] for d in result.description]
        rows = [dict(zip(names, map(_plain, r), strict=True)) for r in result.fetchall()]
    content = io.BytesIO()

    fastavro.writer(content, schema, rows)

    content.seek(0)
    found = list(fastavro.reader(content))
    assert [f["spend_30d"] for f in found] == [r["spend_30d"] for r in rows]
    assert [f["newest"].replace(tzinfo=None) for f in found if f["newest"]] == [
        r["newest"] for r in rows if r["newest"]
    ]
    with pytest.raises(Exception, match=r"(?i)none|null|customer_id"):
        fastavro.writer(io.BytesIO(), schema, [{**rows[0], "customer_id": None}])


def _plain(value: Any) -> Any:
    """As Avro takes it: a map is a list of its entries."""
    if isinstance(value, dict):
        return [{"key": k, "value": v} for k, v in value.items()]
    return value


def test_rows_can_be_inserted_into_the_table(featc, project: Path) -> None:
    file = trained(featc, project)
    with duckdb.connect() as connection:
        connection.execute(exported(featc, project, "ddl"))
        connection.execute(f"INSERT INTO shop.visits FROM '{file}'")

        same = f"(FROM shop.visits EXCEPT ALL FROM '{file}')"
        assert connection.execute(f"SELECT count(*) FROM {same}").fetchall() == [(0,)]
        types = {
            side: connection.execute(f"SELECT column_name, column_type FROM (DESCRIBE {of})")
            .fetchall()
            for side, of in (("table", "shop.visits"), ("file", f"FROM '{file}'"))
        }  # fmt: skip
        assert types["table"] == types["file"]
        with pytest.raises(duckdb.ConstraintException):
            connection.execute("INSERT INTO shop.visits (order_id) VALUES (1)")
        said = dict(connection.execute("SELECT column_name, comment FROM duckdb_columns()")
                    .fetchall())  # fmt: skip
        assert said["spend_30d"].endswith("Unit: EUR.")


def test_versions_count_breaks_changes_and_words(featc, project: Path) -> None:
    """Each is published, so that the next counts from it; the last is of the texts alone."""
    stages = [
        [],
        [("What is asked", "All that is asked")],
        [("over 30d { unit", "over 60d { unit")],
        [("over 30d { unit", "over 60d { unit"), ('"EUR"', '"USD"')],
        [("over 30d { unit", "over 60d { unit"), ('"EUR"', '"USD"'),
         ("  points = sum(order_id)\n", "")],
    ]  # fmt: skip
    runs = []
    for stage in stages[:-1]:
        write(project, *stage)
        trained(featc, project)
        runs.append(featc("runs", "--json", "--limit", "1", cwd=project).json[0]["run"])
    write(project, *stages[-1])

    told = exported(featc, project, "changelog")

    heads = [line for line in told.splitlines() if line.startswith("## ")]
    assert [h.split()[1] for h in heads] == ["3.0.0", "2.0.0", "1.1.0", "1.0.1", "1.0.0"]
    assert heads[0].endswith("(not published yet)")
    assert all(run in head for run, head in zip(reversed(runs), heads[1:], strict=True))
    assert "- `points` is gone" in told
    assert "- `spend_30d` is in USD, was in EUR" in told
    assert "- `spend_30d` has other values" in told
    assert "- what is said of it" in told
    assert json.loads(exported(featc, project, "jsonschema"))["x-featc"]["version"] == "3.0.0"


def test_a_contract_is_written_into_a_file(featc, project: Path) -> None:
    done = featc("export", "contract", "visits", "--out", project / "c.json", cwd=project)

    assert (done.status, done.out) == (0, "")
    assert json.loads((project / "c.json").read_text())["title"] == "shop.visits"
    missing = featc("export", "contract", "visit", cwd=project)
    assert missing.status == 1
    assert "there is no data set called `visit`" in missing.err
