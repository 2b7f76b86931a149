"""What `featc check` prints for editors and machines."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from featdsl.diagnostics.render.json import Report
from tests.cli.conftest import Featc

SCHEMA = Path(__file__).parents[2] / "docs" / "schemas" / "check.schema.json"
WRONG = """\
## Some more.
features x for customer from sale {
  owner "growth@example.com"

  ## How many.
  y = count() over 7d
}
"""


@pytest.fixture
def wrong(shop: Path) -> Path:
    """A project with an error and a warning."""
    (shop / "b.feat").write_text(WRONG)
    (shop / "c.feat").write_text("")
    return shop


def test_concise_lines_lead_from_the_current_folder(featc: Featc, wrong: Path) -> None:
    inside = featc("check", "--output", "concise", cwd=wrong)
    above = featc("check", "--project", "shop", "--output", "concise", cwd=wrong.parent)

    assert (inside.status, inside.err, above.status) == (1, "", 1)
    assert inside.out.splitlines() == [
        "featc.toml: warning[FD0612 empty-file] `c.feat` is empty",
        "b.feat:2:30: error[FD0201 unknown-declared] there is no source or view `sale` in "
        "namespace `shop`",
    ]
    assert above.out.splitlines() == [f"shop/{line}" for line in inside.out.splitlines()]


def test_concise_says_nothing_of_a_sound_project(featc: Featc, shop: Path) -> None:
    result = featc("check", "--output", "concise", cwd=shop)

    assert (result.status, result.out, result.err) == (0, "", "")


def test_json_is_of_the_published_schema(featc: Featc, wrong: Path) -> None:
    text = json.dumps(Report.model_json_schema(), indent=2) + "\n"
    if os.environ.get("FEATC_UPDATE_GOLDEN"):
        SCHEMA.write_text(text, encoding="utf-8")
    printed = featc("check", "--output", "json", cwd=wrong)

    assert SCHEMA.read_text(encoding="utf-8") == text
    report = Report.model_validate_json(printed.out)
    assert (printed.status, report.errors, report.warnings) == (1, 1, 1)
    assert printed.out == featc("check", "--json", cwd=wrong).out


def test_a_fix_in_json_mends_the_text(featc: Featc, wrong: Path) -> None:
    (_, found) = featc("check", "--json", cwd=wrong).json["diagnostics"]
    fix = found["fix"]
    line = WRONG.splitlines()[fix["line"] - 1]
    mended = line[: fix["column"] - 1] + fix["replacement"] + line[fix["end_column"] - 1 :]

    assert (fix["file"], mended) == ("b.feat", "features x for customer from sales {")


def test_sarif_has_what_the_standard_and_services_require(featc: Featc, wrong: Path) -> None:
    result = featc("check", "--output", "sarif", cwd=wrong)
    (run,) = result.json["runs"]

    assert (result.status, result.json["version"]) == (1, "2.1.0")
    driver = run["tool"]["driver"]
    assert driver["name"] == "featc"
    for rule in driver["rules"]:
        assert rule["help"]["markdown"].startswith(f"# {rule['id']} ")
        assert rule["help"]["text"]
        assert rule["fullDescription"]["text"]
    for found in run["results"]:
        assert found["message"]["text"]
        assert found["level"] in ("error", "warning")
        assert driver["rules"][found["ruleIndex"]]["id"] == found["ruleId"]
        for place in _places(found):
            artifact = place["artifactLocation"]
            assert artifact["uriBaseId"] in run["originalUriBaseIds"]
            assert (wrong / artifact["uri"]).is_file()
            assert min(place["region"].values()) >= 1
    (_, error) = run["results"]
    assert error["fixes"][0]["artifactChanges"][0]["replacements"][0]["insertedContent"] == {
        "text": "sales"
    }


def _places(found: dict[str, Any]) -> list[dict[str, Any]]:
    places = [*found["locations"], *found.get("relatedLocations", [])]
    return [place["physicalLocation"] for place in places]


def test_paths_in_sarif_start_at_the_repository(featc: Featc, wrong: Path) -> None:
    (wrong.parent / ".git").mkdir()
    (run,) = featc("check", "--output", "sarif", cwd=wrong).json["runs"]

    uris = [place["artifactLocation"]["uri"] for r in run["results"] for place in _places(r)]
    assert uris == ["shop/featc.toml", "shop/b.feat"]


def test_two_forms_at_once_are_a_mistake(featc: Featc, shop: Path) -> None:
    result = featc("check", "--json", "--output", "sarif", cwd=shop)

    assert (result.status, result.errors) == (2, ["error: `--json` and `--output sarif` differ"])


@pytest.mark.parametrize("form", ["concise", "sarif"])
def test_a_trial_run_tells_its_diagnostics_in_any_form(
    featc: Featc, quickstart: Path, form: str
) -> None:
    shutil.rmtree(quickstart / "data")

    result = featc("check", "--run", "--output", form, cwd=quickstart)

    assert result.status == 1
    assert "FD0701" in result.out
    assert "✗" not in result.out


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (WRONG, "b.feat:2:30: error[FD0201 unknown-declared] there is no source or view `sale`"),
        (
            'test "none" {\n  given sales\n'
            "    | sale_id | customer_id | sold_at    | amount |\n"
            "    | 1       | 1           | 2026-01-01 | 5.00   |\n"
            "  at @2026-01-02\n  then spend\n"
            "    | customer_id | spend_7d |\n"
            "    | 1           | 6.00     |\n}\n",
            'b.feat:8:5: error[FD0809 failed-test] test "none" fails: customer_id = 1: '
            "`spend_7d` is 5.00, expected 6",
        ),
    ],
)
def test_tests_that_fail_are_lines_that_lead_there(
    featc: Featc, shop: Path, text: str, line: str
) -> None:
    (shop / "b.feat").write_text(text)

    concise = featc("test", "--output", "concise", cwd=shop)
    sarif = featc("test", "--output", "sarif", cwd=shop)

    assert (concise.status, sarif.status) == (1, 1)
    (told,) = concise.out.splitlines()
    assert told.startswith(line)
    (found,) = sarif.json["runs"][0]["results"]
    assert found["ruleId"] == line.partition("[")[2][:6]


def test_json_of_tests_is_of_their_own_shape(featc: Featc, quickstart: Path) -> None:
    found = featc("test", "--output", "json", cwd=quickstart)

    assert found.json["ok"]
    assert set(found.json) == {"ok", "tests"}


# Files


def test_files_stand_for_their_projects(featc: Featc, wrong: Path) -> None:
    other = wrong.parent / "other"
    shutil.copytree(wrong, other)
    (other / "b.feat").unlink()
    files = [wrong / "shop.feat", wrong / "featc.toml", other / "shop.feat"]

    concise = featc("check", "--output", "concise", *files, cwd=wrong.parent)
    text = featc("check", *files, cwd=wrong.parent)
    data = featc("check", "--json", *files, cwd=wrong.parent)

    assert (concise.status, text.status, data.status) == (1, 1, 1)
    assert [line.partition(":")[0] for line in concise.out.splitlines()] == [
        "shop/featc.toml",
        "shop/b.feat",
        "other/featc.toml",
    ]
    assert [line for line in text.out.splitlines() if line.endswith(":") and line[0] != " "] == [
        "shop:",
        "other:",
    ]
    assert [d["project"] for d in data.json["diagnostics"]] == ["shop", "shop", "other"]


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("gone.feat", "there is no `gone.feat`"),
        ("shop/notes.md", "`shop/notes.md` is no .feat file"),
        ("alone.feat", "`alone.feat` belongs to no project"),
    ],
)
def test_a_file_of_no_project_is_a_mistake(
    featc: Featc, shop: Path, file: str, message: str
) -> None:
    (shop / "notes.md").write_text("")
    (shop.parent / "alone.feat").write_text("")

    result = featc("check", file, cwd=shop.parent)

    assert (result.status, result.errors) == (2, [f"error: {message}"])


def test_a_file_of_another_project_than_the_named_one_is_a_mistake(
    featc: Featc, shop: Path
) -> None:
    other = shop.parent / "other"
    shutil.copytree(shop, other)

    result = featc("check", "--project", "other", "shop/shop.feat", cwd=shop.parent)

    assert result.status == 2
    assert result.errors == ["error: `shop/shop.feat` does not belong to the project `other`"]
