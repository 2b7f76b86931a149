"""What comes of tests besides passing: cells rewritten, JUnit XML, what no test reaches."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from featdsl.compiler.options import Options
from featdsl.compiler.pipeline import compile_text
from featdsl.diagnostics.render.text import render_text
from featdsl.testing.coverage import Coverage, measure
from featdsl.testing.junit import junit_errors, junit_xml
from featdsl.testing.result import What
from featdsl.testing.run import run_tests
from featdsl.testing.update import Rewritten, rewrite

PROGRAM = """\
namespace shop
entity customer { key customer_id: int }
source orders {
  from csv "orders.csv"
  key order_id
  time ordered_at
  entity customer
  columns {
    order_id: int required
    customer_id: int required
    ordered_at: timestamp required
    amount: decimal(12, 2)
    code: text
  }
}
view sound from orders {
  let size = if amount < 10 then "small" else "large"
  where code != "test"
}
features spend for customer from sound {
  total = sum(amount)
  mean  = avg(amount)
  code  = last(code)
  late  = last(ordered_at)
  large[7d, 30d] = sum(amount where size = "large" default 0)
  level = if total > 100 then "high" else "low"
  share = total / large_30d
}
labels next for customer from sound {
  gone = count() = 0 over next 7d
}
"""
GIVEN = """\
  given orders
    | order_id | customer_id | ordered_at       | amount | code |
    | 1        | 1           | 2026-01-01 10:00 | 10.00  | a\\|b |
    | 2        | 1           | 2026-01-02 10:00 | 20.00  |      |
"""


def rewritten(then: str, program: str = PROGRAM) -> tuple[Rewritten, str]:
    """What becomes of a ``then`` table, and the new text of it and what follows."""
    head = f'{program}\ntest "t" {{\n{GIVEN}  at @2026-01-03\n  then spend\n'
    compilation = compile_text(head + then + "}\n")
    assert compilation.ok, render_text(compilation.diagnostics, compilation.texts)
    results = list(run_tests(compilation, Options(project="project")))
    found = rewrite(compilation.texts, results)
    (name,) = found.texts or [None]
    return found, "" if name is None else found.texts[name].removeprefix(head).removesuffix("}\n")


def test_cells_that_differ_are_rewritten_and_the_rest_stays() -> None:
    found, new = rewritten(
        "    | customer_id | total | mean | code |  # what is stated\n"
        "    # of the only customer\n"
        "    | 1           | 1     | 10.0 | x    |  # one row\n"
    )

    assert found.cells == 2  # the mean is right already
    assert new == (
        "    | customer_id | total | mean | code |  # what is stated\n"
        "    # of the only customer\n"
        "    | 1           | 10.00 | 10.0 | a\\|b |  # one row\n"
    )


def test_a_column_that_gets_wider_stays_aligned() -> None:
    _, new = rewritten(
        "    | customer_id | late                |\n    | 1           | 2026-01-01 00:00:00 |\n"
    )
    _, short = rewritten("    | customer_id | late |\n    | 1           |      |\n")

    assert new == (
        "    | customer_id | late                |\n    | 1           | 2026-01-01 10:00:00 |\n"
    )
    assert short == (
        "    | customer_id | late                |\n    | 1           | 2026-01-01 10:00:00 |\n"
    )


def test_a_table_that_is_not_aligned_is_left_so() -> None:
    _, new = rewritten("  |customer_id|total|level|\n  |1|5|high|\n")

    assert new == "  |customer_id|total|level|\n  |1|10.00|low|\n"


def test_null_is_an_empty_cell_and_empty_text_is_quoted() -> None:
    program = PROGRAM.replace("last(code)", 'if total > 1 then "" else code2\n  code2 = last(code)')
    program = program.replace("  level =", "  none = total where amount > 99\n  level =")
    program = program.replace("total where", "sum(amount) where")
    _, new = rewritten(
        "    | customer_id | code | none |\n    | 1           | a    | 5    |\n", program
    )

    assert new == '    | customer_id | code | none |\n    | 1           | ""   |      |\n'


def test_rows_are_neither_added_nor_removed() -> None:
    found, new = rewritten("    | customer_id | total |\n    | 2           | 5     |\n")

    assert [d.what for _, d in found.left] == [What.MISSING, What.UNEXPECTED]
    assert (found.cells, new) == (0, "")


def test_a_value_that_no_cell_holds_is_left() -> None:
    program = PROGRAM.replace("code  = last(code)", 'code  = concat("a", "\\n", "b")')
    found, _ = rewritten("    | customer_id | code |\n    | 1           | x    |\n", program)

    assert [d.feature for _, d in found.left] == ["code"]
    assert found.texts == {}


# JUnit


def xml(*tests: str) -> ElementTree.Element:
    blocks = [f'test "{title}" {{\n{GIVEN}{then}}}\n' for title, then in map(split, tests)]
    compilation = compile_text(PROGRAM + "\n".join(blocks))
    assert compilation.ok, render_text(compilation.diagnostics, compilation.texts)
    results = list(run_tests(compilation, Options(project="project")))
    return ElementTree.fromstring(junit_xml("my <project>", results, compilation.texts))


def split(test: str) -> tuple[str, str]:
    title, _, value = test.partition("=")
    return title, (
        "  at @2026-01-03\n  then spend\n"
        f"    | customer_id | total | code |\n    | 1           | 10.00 | {value} |\n"
    )


def test_each_test_is_a_case_with_its_place() -> None:
    suites = xml("holds=a\\|b", "fails=x")

    assert suites.attrib["name"] == "my <project>"
    assert [suites.attrib[n] for n in ("tests", "failures", "errors")] == ["2", "1", "0"]
    (suite,) = suites
    assert (suite.attrib["name"], suite.attrib["skipped"]) == ("shop", "0")
    holds, fails = suite
    assert (holds.attrib["name"], holds.attrib["classname"], len(holds)) == ("holds", "shop", 0)
    assert holds.attrib["line"] == str(PROGRAM.count("\n") + 1)
    assert holds.attrib["assertions"] == "2"
    (failure,) = fails
    assert (failure.tag, failure.attrib["type"]) == ("failure", "failed-test")
    assert 'is "a|b", expected "x"' in failure.attrib["message"]
    assert "--> " in str(failure.text)


@pytest.mark.parametrize("text", ["<b> & 'c' ]]>", "tab\tquote", "wide \U0001f600"])
def test_what_xml_cannot_hold_is_escaped(text: str) -> None:
    suites = xml(f"t=x{text}y")

    (failure,) = suites.iter("failure")
    assert text.replace("\t", "\\t") in failure.attrib["message"]


def test_control_characters_that_are_computed_are_escaped() -> None:
    program = PROGRAM.replace("last(code)", '"\\u{7}"')
    then = split("t=x")[1]
    compilation = compile_text(f'{program}test "t" {{\n{GIVEN}{then}}}')
    results = list(run_tests(compilation, Options(project="project")))

    assert "\\u{7}" in junit_xml("p", results, compilation.texts)
    ElementTree.fromstring(junit_xml("p", results, compilation.texts))


def test_a_project_with_mistakes_is_one_error() -> None:
    compilation = compile_text("features a for b from c { d = count() }")
    errors = list(compilation.diagnostics)
    suites = ElementTree.fromstring(junit_errors("p", errors, compilation.texts))

    assert suites.attrib["errors"] == "1"
    (error,) = suites.iter("error")
    assert error.attrib["message"] == errors[0].message


# Coverage


def covered(then: str, given: str = GIVEN, program: str = PROGRAM) -> Coverage:
    text = f'{program}\ntest "t" {{\n{given}{then}}}\n'
    compilation = compile_text(text)
    assert compilation.ok, render_text(compilation.diagnostics, compilation.texts)
    return measure(compilation, Options(project="project"), compilation.program.tests)


def missing(found: Coverage, name: str) -> list[str]:
    return [m.words for m in found.missing if m.of.endswith(f".{name}")]


STATED = (
    "  at @2026-01-03\n  then spend\n"
    "    | customer_id | level | large_7d | share |\n    | 1 | low | 10.00 | 1 |\n"
)


def test_features_that_no_test_states_or_needs_are_missing() -> None:
    found = covered(STATED)

    untouched = [m.of for m in found.missing if m.kind == "feature"]
    assert untouched == [
        f"shop.{n}" for n in ("spend.mean", "spend.code", "spend.late", "next.gone")
    ]
    assert (found.shares["feature"].reached, found.shares["feature"].total) == (5, 9)


def test_branches_that_no_key_takes_are_missing() -> None:
    found = covered(STATED)

    assert missing(found, "level") == ["`if total > 100` never decides"]


def test_outcomes_of_conditions_and_defaults_that_no_row_has_are_missing() -> None:
    found = covered(STATED)

    assert missing(found, "large_7d") == [
        '`where size = "large"` is never false',
        "`default 0.00` is never used",
    ]
    assert missing(found, "sound") == ["`if amount < 10` never decides"]


def test_a_row_outside_of_the_window_does_not_reach_it() -> None:
    late = STATED.replace("2026-01-03", "2026-01-20").replace("| 10.00 | 1 |", "| 0 | 1 |")
    found = covered(late)

    assert missing(found, "large_7d") == [
        "no row reaches the window `7d`",
        '`where size = "large"` is never true',
        '`where size = "large"` is never false',
    ]
    assert missing(found, "large_30d") == [
        '`where size = "large"` is never false',
        "`default 0.00` is never used",
    ]


def test_a_condition_that_is_null_counts_as_false() -> None:
    found = covered(STATED)

    # The second row has no code: `code != "test"` is null, and leaves the row out.
    assert '`where code != "test"` is never false' not in missing(found, "sound")


def test_everything_can_be_reached() -> None:
    given = (
        "  given orders\n"
        "    | order_id | customer_id | ordered_at       | amount | code |\n"
        "    | 1        | 1           | 2026-01-01 10:00 | 500.00 | a    |\n"
        "    | 2        | 1           | 2026-01-02 10:00 | 5.00   | a    |\n"
        "    | 3        | 2           | 2026-01-02 10:00 | 5.00   | a    |\n"
        "    | 4        | 2           | 2026-01-02 10:00 | 5.00   | test |\n"
    )
    found = covered(STATED.replace("| 1 | low |", "| 1 | high |"), given)

    assert [m for m in found.missing if m.kind != "feature"] == []


def test_labels_are_reached_by_rows_that_are_known() -> None:
    given = GIVEN + "    | 3        | 2           | 2026-01-20 10:00 | 1.00   | a    |\n"
    then = "  at @2026-01-01\n  then next\n    | customer_id | gone |\n    | 1 | false |\n"
    found = covered(then, given)

    assert missing(found, "gone") == []
    assert "shop.next.gone" not in [m.of for m in found.missing]


def test_rows_of_a_given_view_reach_nothing_of_the_view() -> None:
    given = (
        "  given sound\n"
        "    | order_id | customer_id | ordered_at       | amount | size  |\n"
        "    | 1        | 1           | 2026-01-01 10:00 | 10.00  | large |\n"
    )
    found = covered(STATED, given)

    assert len(missing(found, "sound")) == 4
    assert found.shares["feature"].reached == 5


def test_training_sets_reach_what_their_columns_are_made_of() -> None:
    program = (
        PROGRAM
        + """
source asked { from csv "a.csv"  entity customer  columns { customer_id: int  at: timestamp } }
dataset d for customer { spine asked at at  label gone  include spend.level }
"""
    )
    given = GIVEN + (
        "    | 3        | 2           | 2026-01-20 10:00 | 1.00   | a    |\n"
        "  given asked\n    | customer_id | at |\n    | 1 | 2026-01-03 |\n"
    )
    then = "  then d\n    | level | gone |\n    | low | true |\n"
    found = covered(then, given, program)

    assert missing(found, "level") == ["`if total > 100` never decides"]
    assert found.shares["feature"].reached == 3  # level, total, gone


# Others


def test_lists_and_maps_are_rewritten_as_cells_hold_them() -> None:
    program = PROGRAM.replace("  level =", "  all_ids = collect(order_id, last: 5)\n  level =")
    program = program.replace('code != "test"', 'code is null or code != "test"')
    _, new = rewritten("    | customer_id | all_ids |\n    | 1           |         |\n", program)

    assert new == "    | customer_id | all_ids |\n    | 1           | [1, 2]  |\n"


def test_views_that_are_joined_are_measured() -> None:
    program = PROGRAM.replace(
        "view sound from orders {",
        'source prices {\n  from csv "p.csv"\n  key item\n  columns { item: text  price: int }\n}\n'
        "view cheap from prices { where price < 5 }\n"
        "view sound from orders {\n  join cheap as c on code = c.item\n  let price = c.price",
    ).replace("last(code)", "max(price)")
    given = "  given prices\n    | item | price |\n    | a    | 3     |\n"
    found = covered(
        STATED.replace("| level |", "| code |").replace("| low |", "|  |"), GIVEN + given, program
    )

    assert missing(found, "cheap") == ["`where price < 5` is never false"]


def test_tests_depend_on_no_other() -> None:
    then = split("t=a\\|b")[1]
    other = GIVEN.replace("| 10.00  |", "| 99.00  |")
    blocks = [
        f'test "first" {{\n{GIVEN}{then}}}\n',
        f'test "second" {{\n{other}{then.replace("10.00", "99.00")}}}\n',
        'test "empty" {\n  given orders\n    | order_id | customer_id | ordered_at | amount |\n'
        "  at @2026-01-03\n  then spend\n    | customer_id | total |\n}\n",
    ]
    compilation = compile_text(PROGRAM + "\n".join(blocks))
    options = Options(project="project")
    tests = list(compilation.program.tests)
    there = [r.passed for r in run_tests(compilation, options, tests)]
    back = [r.passed for r in run_tests(compilation, options, tests[::-1])]

    assert (there, back) == ([True] * 3, [True] * 3)


def test_windows_of_groups_and_of_rows_before_are_measured() -> None:
    program = PROGRAM.replace(
        "  level =",
        '  per_day = max(sum(amount where code = "a") per date_trunc("day", ordered_at)) over 7d\n'
        "  rises = count(where amount > previous(amount)) over 7d\n"
        "  gap = max(if previous(amount) is null then 0 else 1) over 7d\n"
        "  level =",
    ).replace('code != "test"', 'code is null or code != "test"')
    then = (
        "  at @2026-01-03\n  then spend\n    | customer_id | per_day | rises | gap |\n"
        "    | 1           |         | 1     | 1   |\n"
    )
    found = covered(then, program=program)

    # The first order has none before it: there, nothing is larger than nothing.
    assert missing(found, "rises") == []
    assert missing(found, "gap") == []
    assert missing(found, "per_day") == []
    late = covered(then.replace("2026-01-03", "2026-02-03"), program=program)
    assert "no row reaches the window `7d`" in missing(late, "rises")


def test_unions_are_measured_down_to_each_of_their_relations() -> None:
    program = PROGRAM.replace(
        "view sound from orders {",
        'source more {\n  from csv "m.csv"\n  key order_id\n  time ordered_at\n  entity customer\n'
        "  columns {\n    order_id: int required\n    customer_id: int required\n"
        "    ordered_at: timestamp required\n    amount: decimal(12, 2)\n    code: text\n  }\n}\n"
        "view cheap from more { where amount < 5 }\n"
        "view sound from orders, cheap {",
    )
    given = GIVEN + (
        "  given more\n    | order_id | customer_id | ordered_at       | amount | code |\n"
        "    | 7        | 1           | 2026-01-02 11:00 | 4.00   | test |\n"
    )
    found = covered(STATED, given, program)

    assert missing(found, "cheap") == ["`where amount < 5` is never false"]
    assert missing(found, "sound") == []
