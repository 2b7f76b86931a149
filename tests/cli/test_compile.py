"""`featc compile`: SQL and what leads to it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from featdsl.ir.manifest import Manifest
from tests.cli.conftest import Featc


def test_a_group_is_one_statement_with_a_header(featc: Featc, shop: Path) -> None:
    result = featc("compile", cwd=shop)

    assert (result.status, result.err) == (0, "")
    assert result.out.startswith("-- shop.spend: 3 features of each customer\n")
    assert result.out.count(";\n") == 1
    assert "-- as of: 2026-10-01 00:00:00 UTC\n" in result.out


@pytest.mark.parametrize(
    ("arguments", "as_of", "begins"),
    [
        ([], "2026-10-01 00:00:00 UTC", "WITH"),
        (["--as-of", "2024-01-03T10:00:00+05:30"], "2024-01-03 04:30:00 UTC", "WITH"),
        (["--as-of", "param"], "the parameter $as_of, a timestamp in UTC", "WITH"),
        (
            ["--as", "view"],
            "2026-10-01 00:00:00 UTC",
            'CREATE SCHEMA IF NOT EXISTS "shop";\nCREATE OR REPLACE VIEW "shop"."spend" AS',
        ),
        (
            ["--as", "table", "--as-of", "now"],
            "the time at which it runs",
            'CREATE SCHEMA IF NOT EXISTS "shop";\nCREATE OR REPLACE TABLE "shop"."spend" AS',
        ),
    ],
)
def test_the_header_says_how_the_as_of_time_is_given(
    featc: Featc, shop: Path, arguments: list[str], as_of: str, begins: str
) -> None:
    out = featc("compile", *arguments, cwd=shop).out

    statement = [line for line in out.splitlines() if not line.startswith("--")]
    assert f"-- as of: {as_of}\n" in out
    assert "\n".join(statement).startswith(begins)


@pytest.mark.parametrize(("form", "as_of"), [("select", "param"), ("view", "now")])
def test_without_an_as_of_time_nothing_rests_on_the_clock(
    featc: Featc, shop: Path, form: str, as_of: str
) -> None:
    (shop / "featc.toml").write_text('[project]\nname = "shop"\n')

    given = featc("compile", "--as", form, "--as-of", as_of, cwd=shop)

    assert featc("compile", "--as", form).out == given.out


@pytest.mark.parametrize("form", ["view", "table"])
def test_a_view_or_table_cannot_have_a_parameter(featc: Featc, shop: Path, form: str) -> None:
    result = featc("compile", "--as", form, "--as-of", "param", cwd=shop)

    assert (result.status, result.out) == (2, "")
    assert result.errors == [f"error: a {form} cannot have a parameter"]


def test_selected_features_alone_come_out(featc: Featc, shop: Path) -> None:
    out = featc("compile", "spend_7d", cwd=shop).out

    assert '"spend_7d"' in out
    assert '"spend_30d"' not in out


def test_a_wrong_as_of_time_is_one_error_and_status_2(featc: Featc, shop: Path) -> None:
    result = featc("compile", "--as-of", "03/01/2024", cwd=shop)

    assert (result.status, result.out) == (2, "")
    assert result.errors == ["error[FD0614 wrong-as-of]: `03/01/2024` is not an as-of time"]


def test_a_selector_that_matches_nothing_is_one_error(featc: Featc, shop: Path) -> None:
    result = featc("compile", "spnd_7d", cwd=shop)

    assert (result.status, result.out) == (1, "")
    assert result.errors == ["error[FD0613 selects-nothing]: selector `spnd_7d` matches no feature"]
    assert "did you mean `spend_7d`?" in result.err


def test_mistakes_go_to_the_error_stream_and_no_sql_comes_out(featc: Featc, shop: Path) -> None:
    (shop / "bad.feat").write_text("const a = (1\n")

    result = featc("compile", cwd=shop)

    assert (result.status, result.out) == (1, "")
    assert result.err.endswith("\n\n1 error in 1 file\n")


def test_the_same_texts_give_the_same_bytes(featc: Featc, shop: Path) -> None:
    assert featc("compile", cwd=shop).out == featc("compile", cwd=shop).out


# Where it goes


def test_a_folder_gets_a_file_for_each_group(featc: Featc, shop: Path) -> None:
    printed = featc("compile", cwd=shop).out
    result = featc("compile", "--out", "build/sql", cwd=shop)

    assert (result.status, result.out, result.err) == (0, "", "wrote build/sql/spend.sql\n")
    assert (shop / "build" / "sql" / "spend.sql").read_text() == printed


def test_a_name_that_ends_in_sql_is_a_file(featc: Featc, shop: Path) -> None:
    printed = featc("compile", cwd=shop).out
    featc("compile", "--out", "all.sql", cwd=shop)

    assert (shop / "all.sql").read_text() == printed


def test_an_output_that_cannot_be_written_is_one_error(featc: Featc, shop: Path) -> None:
    (shop / "file").write_text("")

    result = featc("compile", "--out", "file/sql", cwd=shop)

    assert result.status == 1
    assert len(result.errors) == 1
    assert "help:" in result.err
    assert (shop / "file").read_text() == ""


# What leads to it


@pytest.mark.parametrize("emit", ["ast", "program", "lineage", "manifest"])
def test_what_leads_to_the_sql_is_json(featc: Featc, shop: Path, emit: str) -> None:
    result = featc("compile", "--emit", emit, cwd=shop)

    assert result.status == 0
    assert "spend_7d" in json.dumps(result.json) or emit == "ast"
    assert str(shop) not in result.out


def test_the_manifest_is_of_its_schema(featc: Featc, shop: Path) -> None:
    manifest = Manifest.model_validate_json(featc("compile", "--emit", "manifest", cwd=shop).out)

    assert [f.name for f in manifest.features] == [
        "shop.spend.spend_7d",
        "shop.spend.spend_30d",
        "shop.spend.trend",
    ]


def test_the_plan_is_text(featc: Featc, shop: Path) -> None:
    out = featc("compile", "trend", "--emit", "plan", cwd=shop).out

    assert out.startswith("# shop.spend\n\nsales = Read()")


def test_lineage_is_that_of_the_selected_features(featc: Featc, shop: Path) -> None:
    found = featc("compile", "trend", "--emit", "lineage", cwd=shop).json

    assert [(f["name"], f["features"]) for f in found] == [
        ("shop.spend.trend", ["shop.spend.spend_7d", "shop.spend.spend_30d"])
    ]


def test_a_secret_is_in_no_output(featc: Featc, shop: Path) -> None:
    secret = "S3CR3T-6f1c"
    with (shop / "shop.feat").open("a") as text:
        text.write('\n## Where the data lie.\nsecret param folder: text = "data"\n')
    text_ = (shop / "shop.feat").read_text().replace("sales.parquet", "{$folder}/sales.parquet")
    (shop / "shop.feat").write_text(text_)

    for emit in ("ast", "program", "plan", "lineage", "manifest"):
        result = featc("compile", "--param", f"folder={secret}", "--emit", emit, cwd=shop)
        assert result.status == 0, result.out + result.err
        assert secret not in result.out + result.err, emit


def test_a_secret_does_not_stand_in_the_sql(featc: Featc, shop: Path) -> None:
    text = (shop / "shop.feat").read_text()
    text = text.replace("param floor: decimal(12, 2) = 1.00", "secret param floor: int = 123456")
    (shop / "shop.feat").write_text(text)

    result = featc("compile", cwd=shop)

    assert result.status == 1
    assert "123456" not in result.out
    golden = Path(__file__).parent / "secret_in_sql.txt"
    if os.environ.get("FEATC_UPDATE_GOLDEN"):
        golden.write_text(result.err, encoding="utf-8")
    assert result.err == golden.read_text(encoding="utf-8")
