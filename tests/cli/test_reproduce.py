"""`featc reproduce`: the same bytes, or what differs and why; nothing is published."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from shop import ORDERS, TEXT, shop

from featdsl.runs import describe

PLAIN = TEXT.format(location='csv "orders.csv"', amount="decimal(12, 2)", more="", features="")
FLOATS = TEXT.format(location='csv "orders.csv"', amount="float", more="", features="")
DATASET = """
dataset visits for customer {
  spine orders at ordered_at
  include spend.orders_30d
}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shop(tmp_path)
    return tmp_path


def ran(featc, project: Path, *more: str) -> str:
    result = featc("run", "--as-of", "2026-02-01", "--json", *more, cwd=project)
    assert result.status == 0, result.err
    return str(result.events[-1]["run"])


def again(featc, project: Path, run: str = "last", *more: str, status: int = 0) -> dict[str, Any]:
    result = featc("reproduce", run, "--json", *more, cwd=project)
    assert result.status == status, result.err
    return dict(result.json)


def because(found: dict[str, Any]) -> dict[str, tuple[str | None, str | None]]:
    return {d["what"]: (d["before"], d["after"]) for d in found["because"]}


def write(project: Path, *changes: tuple[str, str], text: str = PLAIN) -> None:
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    (project / "shop.feat").write_text(text, encoding="utf-8")


def kept(project: Path) -> dict[str, bytes]:
    """Everything that the target holds but for the cache."""
    target = project / "target"
    files = [f for f in target.rglob("*") if f.is_file() and "cache" not in f.parts]
    return {str(f.relative_to(target)): f.read_bytes() for f in files}


@pytest.mark.parametrize("format", ["parquet", "csv", "jsonl"])
def test_a_run_is_made_again_byte_for_byte_and_nothing_is_published(
    featc, project: Path, format: str
) -> None:
    run = ran(featc, project, "--format", format)
    before = kept(project)

    found = again(featc, project, run)

    assert found["same"] is True
    (made,) = found["sets"]
    assert made["before"] == made["after"]
    assert set(made["before"]) == {f"values.{format}"}
    assert found["because"] == []
    assert kept(project) == before
    assert featc("reproduce", run, cwd=project).out == "✓ shop.spend: the same bytes\n"


def test_an_earlier_run_is_made_again_as_of_its_time_and_of_what_was_selected(
    featc, project: Path
) -> None:
    write(project, ("entity customer {", "param floor: decimal(4, 2) = 6.00\n"
          'param state: text = "paid"\n\nentity customer {'),
          ("sum(amount) over 30d", "sum(amount where amount > $floor and status = $state) "
           "over 30d"))  # fmt: skip
    run = ran(featc, project, "spend_30d", "--param", "floor=1.00", "--param", 'state=it\'s "so"')
    featc("run", "--as-of", "2026-03-01", cwd=project)

    assert again(featc, project, run)["same"] is True


def test_data_that_changed_are_named(featc, project: Path) -> None:
    ran(featc, project)
    path = project / "data" / "orders.csv"
    path.write_text(ORDERS.replace("20.50", "99.50") + "4,3,2026-01-26 10:00:00,1.00,open\n")

    found = again(featc, project, status=1)

    (made,) = found["sets"]
    rows = made["rows"]
    assert (rows["before"], rows["after"], rows["missing"], rows["added"]) == (2, 3, 0, 1)
    assert [(c["column"], c["rows"]) for c in rows["columns"]] == [("spend_30d", 1)]
    assert because(found)["source shop.orders rows"] == ("3", "4")
    assert "source shop.orders file orders.csv" in because(found)
    shown = featc("reproduce", "last", cwd=project).out
    assert "✗ shop.spend: 1 new row; `spend_30d` differs in 1 row\n" in shown
    assert "source shop.orders file orders.csv" in shown


def test_data_that_are_gone_are_told(featc, project: Path) -> None:
    ran(featc, project)
    (project / "data" / "orders.csv").unlink()

    result = featc("reproduce", "last", cwd=project)

    assert result.status == 1
    assert "shop.spend: it was not computed again" in result.out
    assert "error[FD0701 no-data-files]" in result.err


def test_a_definition_that_changed_is_named(featc, project: Path) -> None:
    ran(featc, project)
    write(project, ("over 30d", "over 7d"), ("orders_30d", "others"))

    found = again(featc, project, status=1)

    (made,) = found["sets"]
    assert (made["rows"]["gone"], made["rows"]["new"]) == (["orders_30d"], [])
    assert because(found)["meaning of shop.spend.spend_30d"][1] == "its definition"


def test_another_version_of_the_engine_is_named(
    featc, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = ran(featc, project)
    write(project, ("over 30d", "over 7d"))
    monkeypatch.setattr(describe, "engine_version", lambda: "9.9.9")

    found = again(featc, project, run, status=1)

    assert because(found)["duckdb"][1] == "9.9.9"


def test_only_the_last_digits_of_floats_are_told_apart(featc, project: Path) -> None:
    write(project, text=FLOATS)
    ran(featc, project)
    path = project / "data" / "orders.csv"
    path.write_text(ORDERS.replace("20.50", "20.500000000000004"))
    close = again(featc, project, status=1)
    path.write_text(ORDERS.replace("20.50", "20.6"))
    far = again(featc, project, status=1)

    assert [s["only_floats"] for s in close["sets"]] == [True]
    (column,) = close["sets"][0]["rows"]["columns"]
    assert 0 < column["largest"] < 1e-15 * 2
    assert [s["only_floats"] for s in far["sets"]] == [False]
    assert "reproducible = true" not in featc("reproduce", "last", cwd=project).out


def test_rows_that_were_removed_are_compared_by_their_hash(featc, project: Path) -> None:
    ran(featc, project)
    for file in (project / "target" / "data").rglob("values.parquet"):
        file.unlink()
    assert again(featc, project)["same"] is True
    (project / "data" / "orders.csv").write_text(ORDERS.replace("20.50", "1.00"))

    (made,) = again(featc, project, status=1)["sets"]

    assert made["why_not"] == "the rows of the run are not there any more"


def test_a_training_set_is_made_again(featc, project: Path) -> None:
    write(project, text=PLAIN + DATASET)
    made = featc("train", "visits", "--json", cwd=project)
    assert made.status == 0, made.err

    assert again(featc, project)["same"] is True
    (project / "data" / "orders.csv").write_text(ORDERS.replace("01-20", "01-05"))
    (rows,) = again(featc, project, status=1)["sets"]
    assert rows["rows"]["columns"]


def test_what_cannot_be_made_again_is_refused(featc, project: Path) -> None:
    write(project, text=PLAIN + DATASET)
    spine = project / "visits.csv"
    spine.write_text("customer_id,as_of\n1,2026-01-15\n")
    assert featc("train", "visits", "--spine", spine, cwd=project).status == 0
    handed = featc("reproduce", "last", cwd=project)
    run = ran(featc, project)
    write(project, ("features spend", "features other"))
    gone = featc("reproduce", run, cwd=project)
    assert featc("run", "nothing_like_it", cwd=project).status == 1
    write(project)
    (project / "data" / "orders.csv").unlink()
    assert featc("run", cwd=project).status == 1
    failed = featc("reproduce", "last", cwd=project)

    for result, said in ((handed, "handed in"), (gone, "declared any more"),
                         (failed, "published nothing")):  # fmt: skip
        assert result.status == 1
        assert "error[FD0880 not-reproducible]" in result.err
        assert said in result.err


def test_the_record_of_a_value_with_any_signs_is_read_back(featc, project: Path) -> None:
    write(project, ("entity customer {", 'param state: text = "a"\n\nentity customer {'),
          ("sum(amount)", "sum(amount where status != $state)"))  # fmt: skip
    run = ran(featc, project, "--param", 'state=\\n\t"quoted" \u00e9 \u0007 {x}')
    record = json.loads((project / "target" / "runs" / f"{run}.json").read_text())
    assert record["parameters"][0]["origin"] == "command line"

    assert again(featc, project, run)["same"] is True
