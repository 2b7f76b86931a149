"""``featc test`` with tests of labels and training sets, and what else reads such tests."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Featc

TEST = """
test "who is asked about twice" {
  given lines
    | customer_id | sold_at             | amount |
    | 1           | 2024-01-01 10:00:00 | 10.00  |
    | 1           | 2024-02-01 10:00:00 | 5.00   |
    | 2           | 2024-06-01 10:00:00 | 1.00   |
  given reviews
    | customer_id | reviewed_at | channel |
    | 1           | 2024-01-03  | letter  |
    | 1           | 2024-03-01  | app     |
    |             | 2024-03-01  | app     |
  then churn
    | channel | spend_7d | churned |
    | letter  | 10.00    | false   |
    | app     | 0.00     | true    |
    | app     |          |         |
}

test "what is to come" {
  given lines
    | customer_id | sold_at             | amount |
    | 1           | 2024-01-01 10:00:00 | 10.00  |
    | 2           | 2024-06-01 10:00:00 | 1.00   |
  at @2024-01-01
  then next_30d
    | customer_id | spend_next |
    | 1           | 10.00      |
    | 2           | 0.00       |
}
"""


def titles(featc: Featc, project: Path, selector: str) -> list[str]:
    return [t["title"] for t in featc("test", selector, "--json", cwd=project).json["tests"]]


def with_tests(project: Path, text: str = TEST) -> Path:
    # `churn.feat` is in the namespace that the tests are about.
    (project / "training_tests.feat").write_text(f"namespace retail\n{text}")
    return project


def test_tests_of_labels_and_rows_pass(featc: Featc, quickstart: Path) -> None:
    result = featc("test", "--json", cwd=with_tests(quickstart))

    assert result.status == 0, result.err
    assert [t["values"] for t in result.json["tests"]][-2:] == [9, 2]


def test_a_row_that_differs_is_shown_with_its_number(featc: Featc, quickstart: Path) -> None:
    project = with_tests(
        quickstart, TEST.replace("| app     | 0.00     | true    |", "| app | 0.00 | false |")
    )
    result = featc("test", "asked about twice", cwd=project)
    (test,) = featc("test", "asked about twice", "--json", cwd=project).json["tests"]

    assert result.status == 1
    shown = [" ".join(line.split()) for line in result.out.splitlines() if "churned" in line]
    assert shown == ["churn row 2, customer_id 1 2024-03-01 00:00 UTC churned false true"]
    assert test["differences"] == [
        {
            "what": "value",
            "group": None,
            "dataset": "retail.churn",
            "row": 2,
            "key": {"customer_id": "1"},
            "as_of": "2024-03-01T00:00:00Z",
            "feature": "churned",
            "expected": "false",
            "actual": "true",
        }
    ]


def test_tests_are_chosen_by_data_set_label_and_feature(featc: Featc, quickstart: Path) -> None:
    project = with_tests(quickstart)
    rows, labels = "who is asked about twice", "what is to come"

    assert titles(featc, project, "churn") == [rows]
    assert titles(featc, project, "retail.churn") == [rows]
    assert titles(featc, project, "next_30d.churned") == [rows]
    assert titles(featc, project, "next_30d") == [rows, labels]
    assert titles(featc, project, "spend_next") == [labels]
    assert rows in titles(featc, project, "spend_7d")


def test_the_site_shows_the_rows_of_a_training_set(featc: Featc, quickstart: Path) -> None:
    project = with_tests(quickstart)
    result = featc("docs", cwd=project)
    (tests,) = project.rglob("tests.html")
    page = tests.read_text(encoding="utf-8")
    (feature,) = project.rglob("*spend_7d.html")

    assert result.status == 0, result.err
    assert "who is asked about twice" in page
    assert "what is to come" in page
    assert page.count("<code>churned</code>") >= 1
    assert "who is asked about twice" in feature.read_text(encoding="utf-8")


def test_the_format_of_a_test_without_a_time_stays(featc: Featc, quickstart: Path) -> None:
    project = with_tests(quickstart)
    featc("fmt", cwd=project)
    text = (project / "training_tests.feat").read_text(encoding="utf-8")

    assert text == f"namespace retail\n{TEST}"
