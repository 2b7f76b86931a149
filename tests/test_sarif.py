"""SARIF as the standard (OASIS, SARIF 2.1.0) requires it, and what services require besides."""

from __future__ import annotations

from typing import Any

from featdsl.diagnostics.found import Found
from featdsl.diagnostics.model import Code, Diagnostic, Severity
from featdsl.diagnostics.render.sarif import render_sarif
from featdsl.diagnostics.suggest import did_you_mean
from featdsl.text.sources import SourceSet
from featdsl.text.span import Span

CODE = Code("FD0202", "unknown-column", "rows have no column of that name")
LINT = Code("FD0901", "missing-description", "nobody says what it is", Severity.WARNING)
PAGE = (
    "# FD0202 unknown-column: title\n\n## What happened\n\nA name is\nunknown.\n\n## Remedy\n\nx\n"
)


def run_of(text: str, *diagnostics: Diagnostic, folder: str = ".") -> Any:
    found = Found(diagnostics, SourceSet.of({"my texts/a.feat": text}), folder)
    document = render_sarif([found], page=lambda code: PAGE, version="1.2.3")
    assert (document["version"], len(document["runs"])) == ("2.1.0", 1)
    return document["runs"][0]


def at(text: str, part: str) -> Span:
    start = text.index(part)
    return Span("my texts/a.feat", start, start + len(part))


def test_a_result_has_rule_level_message_and_place() -> None:
    text = "a = 1\nb = amuont\n"
    diagnostic = CODE.at(at(text, "amuont"), "no column `amuont`", "here").note("n").help("h")
    run = run_of(text, diagnostic, folder="features/x")
    (result,) = run["results"]

    assert run["columnKind"] == "utf16CodeUnits"
    assert run["tool"]["driver"]["rules"] == [
        {
            "id": "FD0202",
            "name": "UnknownColumn",
            "shortDescription": {"text": "unknown-column: rows have no column of that name"},
            "fullDescription": {"text": "A name is unknown."},
            "help": {"text": PAGE, "markdown": PAGE},
            "defaultConfiguration": {"level": "error"},
        }
    ]
    assert result == {
        "ruleId": "FD0202",
        "ruleIndex": 0,
        "level": "error",
        "message": {"text": "no column `amuont`\nn\nhelp: h"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {
                        "uri": "features/x/my%20texts/a.feat",
                        "uriBaseId": "%SRCROOT%",
                    },
                    "region": {"startLine": 2, "startColumn": 5, "endLine": 2, "endColumn": 11},
                },
                "message": {"text": "here"},
            }
        ],
    }


def test_rules_are_those_of_the_results_and_indexes_lead_to_them() -> None:
    text = "a b"
    run = run_of(text, LINT.at(at(text, "b"), "x"), CODE.at(at(text, "a"), "y"))

    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == ["FD0202", "FD0901"]
    assert [rules[r["ruleIndex"]] for r in run["results"]] == ["FD0901", "FD0202"]
    assert [r["level"] for r in run["results"]] == ["warning", "error"]


def test_columns_count_utf16_code_units() -> None:
    text = '"😀é" amuont'
    (result,) = run_of(text, CODE.at(at(text, "amuont"), "x"))["results"]

    region = result["locations"][0]["physicalLocation"]["region"]
    assert (region["startColumn"], region["endColumn"]) == (7, 13)


def test_a_second_place_is_a_related_location() -> None:
    text = "a\nb"
    (result,) = run_of(text, CODE.at(at(text, "b"), "x").because(at(text, "a"), "first"))["results"]

    (related,) = result["relatedLocations"]
    assert (related["id"], related["message"]) == (1, {"text": "first"})
    assert related["physicalLocation"]["region"]["startLine"] == 1


def test_a_nearest_name_is_a_fix() -> None:
    text = "b = p.amuont"
    diagnostic = CODE.at(at(text, "p.amuont"), "x").help(did_you_mean("amuont", ["amount"]))
    (result,) = run_of(text, diagnostic)["results"]

    (fix,) = result["fixes"]
    assert fix["description"] == {"text": "did you mean `amount`?"}
    assert fix["artifactChanges"][0]["replacements"] == [
        {
            "deletedRegion": {"startLine": 1, "startColumn": 7, "endLine": 1, "endColumn": 13},
            "insertedContent": {"text": "amount"},
        }
    ]


def test_what_has_no_place_is_told_of_the_settings() -> None:
    (result,) = run_of("", LINT.general("x"))["results"]

    assert result["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "featc.toml", "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": 1},
            }
        }
    ]


def test_nothing_found_is_a_run_without_results() -> None:
    run = run_of("")

    assert (run["results"], run["tool"]["driver"]["rules"]) == ([], [])
