"""`featc show`, `featc lineage`, `featc explain`: what something is and rests on."""

from __future__ import annotations

from pathlib import Path

import pytest

from featdsl.diagnostics import catalog
from tests.cli.conftest import Featc

# show


@pytest.mark.parametrize("name", ["trend", "spend.trend", "shop.spend.trend"])
def test_a_feature_is_shown_by_any_end_of_its_name(featc: Featc, shop: Path, name: str) -> None:
    result = featc("show", name, cwd=shop)

    assert result.status == 0
    assert result.out.splitlines()[:4] == [
        "shop.spend.trend  float",
        "This week to this month.",
        "",
        "    trend = spend_7d / spend_30d",
    ]
    assert "computed from shop.spend.spend_7d" in result.out
    assert "declared      shop.feat:" in result.out


@pytest.mark.parametrize("name", ["sales", "spend", "customer", "floor"])
def test_everything_declared_can_be_shown(featc: Featc, shop: Path, name: str) -> None:
    assert featc("show", name, cwd=shop).out.startswith(f"shop.{name}  ")


@pytest.mark.parametrize("name", ["sales.amount", "shop.sales.amount"])
def test_a_column_is_shown_with_its_readers(featc: Featc, shop: Path, name: str) -> None:
    out = featc("show", name, cwd=shop).out.splitlines()
    data = featc("show", name, "--json", cwd=shop).json

    assert out[0] == "shop.sales.amount  decimal(12, 2)"
    assert "  used by       shop.spend.spend_7d" in out
    assert (data["source"], data["name"]) == ("shop.sales", "amount")
    assert data["used_by"] == ["shop.spend.spend_7d", "shop.spend.spend_30d", "shop.spend.trend"]


def test_a_column_that_is_not_there_has_its_nearest_name(featc: Featc, shop: Path) -> None:
    result = featc("show", "sales.amuont", cwd=shop)

    assert result.status == 1
    assert result.err.splitlines() == [
        "error[FD0618 unknown-name]: `shop.sales` has no column `amuont`",
        "  help: did you mean `amount`?",
    ]


def test_a_family_shows_its_members(featc: Featc, shop: Path) -> None:
    out = featc("show", "spend.spend", cwd=shop).out

    assert "shop.spend.spend_7d  " in out
    assert "shop.spend.spend_30d  " in out


def test_a_feature_as_json_is_its_entry_of_the_manifest(featc: Featc, shop: Path) -> None:
    manifest = featc("compile", "--emit", "manifest", cwd=shop).json

    assert featc("show", "trend", "--json", cwd=shop).json == manifest["features"][2]


def test_sql_and_plan_are_those_of_the_feature_alone(featc: Featc, shop: Path) -> None:
    sql = featc("show", "spend_7d", "--sql", cwd=shop).out
    plan = featc("show", "spend_7d", "--plan", cwd=shop).out

    assert "spend_30d" not in sql + plan
    assert sql.endswith(";\n")
    assert plan.startswith("sales = Read()")


@pytest.mark.parametrize("name", ["floor", "sales.amount"])
def test_what_has_no_sql_says_so(featc: Featc, shop: Path, name: str) -> None:
    result = featc("show", name, "--sql", cwd=shop)

    assert (result.status, len(result.errors)) == (2, 1)


@pytest.mark.parametrize("command", ["show", "lineage"])
def test_an_unknown_name_is_one_error_with_the_nearest(
    featc: Featc, shop: Path, command: str
) -> None:
    result = featc(command, "trnd", cwd=shop)

    assert result.status == 1
    assert result.errors == ["error[FD0618 unknown-name]: nothing is called `trnd`"]
    assert "did you mean `trend`?" in result.err


def test_a_name_of_several_things_lists_them(featc: Featc, shop: Path) -> None:
    (shop / "more.feat").write_text(
        "## More.\nfeatures more for customer from sales {\n  ## T.\n  trend = count() over 7d\n}\n"
    )

    result = featc("show", "trend", cwd=shop)

    assert result.status == 1
    assert "`shop.more.trend` (feature)" in result.err
    assert "`shop.spend.trend` (feature)" in result.err


# lineage


def test_lineage_of_a_feature_reaches_columns(featc: Featc, shop: Path) -> None:
    out = featc("lineage", "spend_7d", cwd=shop).out

    assert "└─ shop.sales  source" in out or "├─ shop.sales  source" in out
    assert "amount  value" in out
    assert "shop.spend.trend" in out


def test_one_direction_can_be_asked_for(featc: Featc, shop: Path) -> None:
    up = featc("lineage", "spend_7d", "--up", cwd=shop).out
    down = featc("lineage", "spend_7d", "--down", cwd=shop).out

    assert "trend" not in up
    assert "sales" not in down


def test_lineage_of_a_column_names_its_readers(featc: Featc, shop: Path) -> None:
    graph = featc("lineage", "sales.amount", "--down", "--json", cwd=shop).json

    assert (graph["name"], graph["kind"]) == ("shop.sales.amount", "column")
    assert {"from": "shop.sales.amount", "to": "shop.spend.spend_7d"} in graph["edges"]
    assert {"from": "shop.spend.spend_7d", "to": "shop.spend.trend"} in graph["edges"]


def test_an_unknown_column_is_one_error_with_the_nearest(featc: Featc, shop: Path) -> None:
    result = featc("lineage", "sales.amuont", cwd=shop)

    assert result.errors == ["error[FD0618 unknown-name]: `shop.sales` has no column `amuont`"]
    assert "did you mean `amount`?" in result.err


def test_a_flow_chart_has_every_edge(featc: Featc, shop: Path) -> None:
    graph = featc("lineage", "trend", "--json", cwd=shop).json
    chart = featc("lineage", "trend", "--mermaid", cwd=shop).out.splitlines()

    assert chart[0] == "flowchart LR"
    assert len(chart) == 1 + len(graph["nodes"]) + len(graph["edges"])


# explain


def test_a_code_is_explained_by_its_number_or_name(featc: Featc) -> None:
    by_code = featc("explain", "fd0613")

    assert by_code.status == 0
    assert by_code.out.startswith("FD0613 selects-nothing: a selector matches no feature\n")
    assert by_code == featc("explain", "selects-nothing")


def test_all_codes_are_listed(featc: Featc) -> None:
    lines = featc("explain").out.splitlines()

    assert [line[:6] for line in lines[2:]] == list(catalog.codes())


def test_an_explanation_is_json_for_machines(featc: Featc) -> None:
    entry = featc("explain", "FD0613", "--json").json

    assert {k: entry[k] for k in ("code", "slug", "severity")} == {
        "code": "FD0613",
        "slug": "selects-nothing",
        "severity": "error",
    }
    assert entry["page"].startswith("# FD0613 selects-nothing")


def test_an_aggregate_is_explained_with_its_examples_and_its_sql(featc: Featc) -> None:
    result = featc("explain", "ewm_sum")

    assert result.status == 0
    assert result.out.startswith("ewm_sum\n\n`ewm_sum(x, half_life)`: Sum of the non-null values")
    assert "\n1.50                  30min      0.375\n" in result.out
    assert "POW(" in result.out
    assert featc("explain", "ewm_sum", "--json").json["page"].startswith("# ewm_sum\n")


def test_a_function_is_explained_with_its_examples(featc: Featc) -> None:
    assert '\n`concat("a", "b", "c")`  "abc"\n' in featc("explain", "concat").out


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("ewm_summ", "did you mean `ewm_sum`?"),
        ("FD0699", "did you mean `FD06"),
        ("selects-nothin", "did you mean `selects-nothing`?"),
        ("zzz", "`featc explain` lists them"),
        ("FD9999", "`featc explain` lists them"),
    ],
)
def test_an_unknown_code_is_one_error_with_the_nearest(
    featc: Featc, code: str, remedy: str
) -> None:
    result = featc("explain", code)

    assert (result.status, len(result.errors)) == (2, 1)
    assert remedy in result.err


def test_facts_of_an_aggregate_are_whole_on_a_narrow_terminal(
    featc: Featc, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "60")

    out = featc("explain", "sum").out

    assert (
        "gives                 int (38 digits) of int; decimal(38, 2)\n"
        "                      of decimal(12, 2); float of float;\n"
        "                      duration of duration\n"
    ) in out
