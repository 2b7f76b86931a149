"""`test` blocks: typed tables, instants, and what must be given."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest
from till import beside, group

from featdsl.ir.program import Expected, ExpectedRows
from featdsl.types.dtype import BOOL, INT, TEXT

GROUP = group(
    "n = count() over 30d",
    "top = max(amount) over 30d",
    "prem = count(where premium)",
    "chan = last(channel)",
)
GIVEN = """
    | sale_id | customer_id | sold_at             | channel | amount |
    | 1       | 1           | 2024-01-01 10:00:00 | web     | 2.50   |
    | 2       | 1           | 2024-01-02          | app     |        |
"""
THEN = """
    | customer_id | n | top  |
    | 1           | 2 | 2.50 |
"""


def block(given: str = GIVEN, at: str = "@2024-01-03", then: str = THEN, more: str = "") -> str:
    return f'test "t" {{\n  given sales{given}  {more}\n  at {at}\n  then spend{then}}}\n'


def test_tables_are_typed_by_their_columns():
    program, found = beside(GROUP + block())
    test = program.tests[0]
    rows = test.given["shop.sales"]

    assert found == []
    assert rows.columns == ("sale_id", "customer_id", "sold_at", "channel", "amount")
    assert rows.cells[0] == (1, 1, datetime(2024, 1, 1, 10), "web", Decimal("2.50"))
    assert rows.cells[1][4] is None
    assert test.expected[0].keys == ((1,),)
    assert test.expected[0].instants == (datetime(2024, 1, 3),)
    assert test.expected[0].features == ("n", "top")
    assert test.expected[0].cells == ((2, Decimal("2.50")),)


def test_rows_of_a_view_are_given_as_they_are():
    given = """
    | customer_id | sold_at    | premium |
    | 1           | 2024-01-01 | true    |
"""
    then = """
    | customer_id | prem |
    | 1           | 1    |
"""
    text = block(given, then=then).replace("given sales", "given lines")
    program, found = beside(GROUP + text)

    assert found == []
    assert program.tests[0].given["shop.lines"].cells == ((1, datetime(2024, 1, 1), True),)


def test_each_row_is_asked_at_its_own_time():
    at = """
    | customer_id | as_of      |
    | 1           | 2024-01-02 |
    | 1           | 2024-01-03 |
"""
    then = """
    | customer_id | as_of      | n |
    | 1           | 2024-01-03 | 2 |
    | 1           | 2024-01-02 | 1 |
"""
    program, found = beside(GROUP + block(at=at, then=then))

    assert found == []
    assert program.tests[0].expected[0].instants == (datetime(2024, 1, 3), datetime(2024, 1, 2))


def test_a_key_that_is_asked_once_needs_no_time():
    at = """
    | customer_id | as_of      |
    | 1           | 2024-01-02 |
"""
    program, found = beside(GROUP + block(at=at))

    assert found == []
    assert program.tests[0].expected[0].instants == (datetime(2024, 1, 2),)


def test_parameters_are_set_by_their_type():
    program, found = beside(GROUP + block(more="$premium_floor = 100"))

    assert found == []
    assert program.tests[0].params == {"shop.premium_floor": Decimal("100.00")}


def test_an_empty_text_stands_in_quotes():
    program, _ = beside(GROUP + block(GIVEN.replace("web    ", '""     ')))

    assert program.tests[0].given["shop.sales"].cells[0][3] == ""


WRONG = {
    "unknown column": (block(GIVEN.replace("amount", "amuont")), "unknown-column"),
    "unknown feature": (block(then=THEN.replace("top ", "topp")), "unknown-feature"),
    "unknown source": (block().replace("given sales", "given slaes"), "unknown-declared"),
    "unknown group": (block().replace("then spend", "then spent"), "unknown-declared"),
    "a source for a group": (block().replace("then spend", "then sales"), "wrong-kind"),
    "no int": (block(GIVEN.replace("| 1       | 1 ", "| one     | 1 ")), "bad-cell"),
    "no timestamp": (
        block(GIVEN.replace("2024-01-02 ", "soon ")),
        "bad-cell",
    ),
    "too many decimals": (block(GIVEN.replace("2.50  ", "2.505 ")), "bad-cell"),
    "null in required": (block(GIVEN.replace("| web ", "|     ")), "bad-cell"),
    "required not given": (
        block("\n    | customer_id | channel |\n    | 1 | web |\n"),
        "test-table",
    ),
    "key not expected": (block(then="\n    | n |\n    | 2 |\n"), "test-table"),
    "row expected twice": (block(then=THEN + "    | 1           | 2 | 2.50 |\n"), "test-table"),
    "not asked": (
        block(at="\n    | customer_id | as_of |\n    | 2 | 2024-01-03 |\n"),
        "test-table",
    ),
    "asked twice": (
        block(at="\n    | customer_id | as_of |\n    | 1 | 2024-01-03 |\n    | 1 | 2024-01-04 |\n"),
        "test-table",
    ),
    "no time asked": (block(at="\n    | customer_id |\n    | 1 |\n"), "test-table"),
    "no key asked": (block(at="\n    | as_of |\n    | 2024-01-03 |\n"), "test-table"),
    "foreign key asked": (
        block(at="\n    | customer_id | store_id | as_of |\n    | 1 | 2 | 2024-01-03 |\n"),
        "test-table",
    ),
    "another time": (
        block(then="\n    | customer_id | as_of | n |\n    | 1 | 2024-01-09 | 2 |\n"),
        "test-table",
    ),
    "unknown parameter": (block(more="$premium_flor = 1"), "unknown-parameter-name"),
    "a constant set": (block(more="$recent = 1"), "unknown-parameter-name"),
    "a parameter's type": (block(more='$premium_floor = "x"'), "parameter-value"),
    "given twice": (
        block(more="given sales" + GIVEN),
        "duplicate-name",
    ),
    "two of one name": (block() + block(), "duplicate-name"),
    "nothing given": (
        'test "t" {\n  at @2024-01-03\n  then spend' + THEN + "}\n",
        "missing-item",
    ),
    "nothing asked": (
        'test "t" {\n  given sales' + GIVEN + "  then spend" + THEN + "}\n",
        "missing-item",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_mistake_in_a_test_is_one_message(case):
    text, slug = WRONG[case]
    _, found = beside(GROUP + text)

    assert [d.code.slug for d in found] == [slug]


def test_a_test_of_what_has_a_mistake_is_left_out_in_silence():
    program, found = beside(GROUP.replace("count() over 30d", "cuont() over 30d") + block())

    assert [d.code.slug for d in found] == ["unknown-function"]
    assert program.tests == ()


def test_columns_are_needed_only_where_the_tested_features_use_them():
    then = """
    | customer_id | n |
    | 1           | 1 |
"""
    given = """
    | customer_id | sold_at    |
    | 1           | 2024-01-01 |
"""
    _, found = beside(GROUP + block(given, then=then))
    assert found == []

    _, found = beside(GROUP + block(given, then=then.replace("n |", "chan |")))
    assert [d.message for d in found] == [
        "the rows of `sales` lack `channel` and `sale_id`, which are used and cannot be null"
    ]


# --- Labels and data sets

LABELS = """
labels outcome for customer from sales {
  gone = count() = 0 over next 30d
  top  = max(amount) over next 30d
}
"""
DATASET = """
dataset churn for customer {
  spine   visits at seen_at
  label   gone
  include spend.n as sales, spend.top
  split   by time at @2024-02-01
}
dataset weekly for customer {
  spine   every 7d from @2024-01-01 to @2024-01-15
  include spend.n
}
dataset handed for customer { include spend.n }
"""
VISITS = """
  given visits
    | customer_id | seen_at    | page |
    | 1           | 2024-01-03 |      |
    | 1           | 2024-01-03 | home |
"""
ROWS = """
    | page | gone | sales | split |
    |      |      | 2     | train |
    | home |      | 2     | train |
"""


def read(text: str):
    """The program and what is said of it, but for descriptions and owners."""
    program, found = beside(text)
    lint = {"missing-description", "missing-owner"}
    return program, [d for d in found if d.code.slug not in lint]


def rows(then: str = ROWS, more: str = VISITS, target: str = "churn") -> str:
    text = f'test "t" {{\n  given sales{GIVEN}{more}  then {target}{then}}}\n'
    return GROUP + LABELS + DATASET + text


def test_labels_are_stated_by_key_and_time():
    then = "\n    | customer_id | gone |\n    | 1           | true |\n"
    text = block(then=then).replace("then spend", "then outcome")
    program, found = read(GROUP + LABELS + text)
    (expected,) = program.tests[0].expected

    assert found == []
    assert isinstance(expected, Expected)
    assert expected.stated == ("shop.outcome.gone",)
    assert expected.cells == ((True,),)


def test_rows_of_a_data_set_are_stated_by_the_names_that_they_have_there():
    program, found = read(rows())
    (expected,) = program.tests[0].expected

    assert found == []
    assert isinstance(expected, ExpectedRows)
    assert [(c.name, c.dtype, c.feature) for c in expected.columns] == [
        ("page", TEXT, None),
        ("gone", BOOL, "shop.outcome.gone"),
        ("sales", INT, "shop.spend.n"),
        ("split", TEXT, None),
    ]
    assert expected.stated == ("shop.outcome.gone", "shop.spend.n")
    assert expected.cells == ((None, None, 2, "train"), ("home", None, 2, "train"))


def test_rows_of_a_grid_have_keys_and_times():
    then = "\n    | customer_id | as_of      | n |\n    | 1           | 2024-01-01 | 0 |\n"
    more = "  given customers\n    | customer_id |\n    | 1           |\n"
    program, found = read(rows(then, more, "weekly"))

    assert found == []
    assert program.tests[0].expected[0].cells == ((1, datetime(2024, 1, 1), 0),)


def test_a_test_may_state_a_group_and_a_data_set():
    text = rows().replace("  then churn", f"  at @2024-01-03\n  then spend{THEN}  then churn")
    program, found = read(text)

    assert found == []
    assert [type(e) for e in program.tests[0].expected] == [Expected, ExpectedRows]


WRONG_ROWS = {
    "an `at` for rows that have times": (
        rows().replace("  then churn", "  at @2024-01-03\n  then churn"),
        "clause-without-effect",
        "`at` has no effect: rows of a data set have times of their own",
    ),
    "a group without an `at`": (
        rows()[:-2] + f"  then spend{THEN}}}\n",
        "missing-item",
        "the test has no `at`",
    ),
    "labels without an `at`": (
        rows(target="outcome", then="\n    | customer_id | gone |\n    | 1 | true |\n"),
        "missing-item",
        "the test has no `at`",
    ),
    "another name": (
        rows(ROWS.replace("page", "pags")),
        "unknown-column",
        "the training set of `churn` has no column `pags`",
    ),
    "a feature's own name": (
        rows(ROWS.replace("sales", "n    ")),
        "unknown-column",
        "the training set of `churn` has no column `n`",
    ),
    "a label that is not read": (
        rows(ROWS.replace("gone", "top2")),
        "unknown-column",
        "the training set of `churn` has no column `top2`",
    ),
    "no rows of the spine": (
        rows(more=""),
        "test-table",
        "the test gives no rows of `visits`, the spine of `churn`",
    ),
    "no population of a grid": (
        rows("\n    | n |\n    | 0 |\n", "", "weekly"),
        "test-table",
        "the test gives no rows of `customers`, the population of the spine of `weekly`",
    ),
    "no spine at all": (
        rows("\n    | n |\n    | 0 |\n", target="handed"),
        "test-table",
        "`handed` has no spine of its own, so that it has no rows to state",
    ),
    "no time of the spine": (
        rows(more=VISITS.replace("| seen_at    ", "").replace("| 2024-01-03 ", "")),
        "test-table",
        "the rows of `visits` lack `seen_at`, which is used and cannot be null",
    ),
    "a cell of another type": (
        rows(ROWS.replace("| 2     |", "| two   |", 1)),
        "bad-cell",
        "a cell of `sales`: `two` is no int",
    ),
    "an unknown name": (
        rows(target="chrun"),
        "unknown-declared",
        "there is no group of features, group of labels or dataset `chrun` in namespace `shop`",
    ),
    "an unknown label": (
        rows(target="outcome", then="\n    | customer_id | gnoe |\n    | 1 | true |\n").replace(
            "  then", "  at @2024-01-03\n  then"
        ),
        "unknown-feature",
        "there is no label `gnoe` in group `outcome`",
    ),
}


@pytest.mark.parametrize("case", WRONG_ROWS)
def test_a_mistake_in_a_test_of_rows_is_one_message(case):
    text, slug, message = WRONG_ROWS[case]
    _, found = read(text)

    assert [(d.code.slug, d.message) for d in found] == [(slug, message)]


def test_a_column_that_has_another_name_in_the_data_set_is_told():
    _, found = read(rows(ROWS.replace("sales", "n    ")))

    assert [d.helps for d in found] == [("the feature is called `sales` there",)]


def test_a_column_of_personal_data_is_in_no_training_set():
    text = rows(ROWS.replace("page", "email"), "", "sold").replace(
        "dataset handed",
        "dataset sold for customer {\n  spine sales at sold_at\n  label gone\n"
        "  include spend.n as sales\n  split by time at @2024-02-01\n}\ndataset handed",
    )
    (found,) = read(text)[1]

    assert found.message == "the training set of `sold` has no column `email`"
    assert [label.text for label in found.secondary] == [
        "declared here",
        "personal data: in no training set",
    ]


def test_a_test_of_a_data_set_with_a_mistake_is_left_out_in_silence():
    program, found = read(rows().replace("spend.n as sales", "spend.nn as sales"))

    assert [d.code.slug for d in found] == ["unknown-feature"]
    assert program.tests == ()


def test_a_column_of_the_spine_that_is_stated_must_be_given():
    text = rows(ROWS.replace("page", "channel"), "", "sold").replace(
        "dataset handed",
        "dataset sold for customer {\n  spine   sales at sold_at\n  label   gone\n"
        "  include spend.n as sales\n  split by time at @2024-02-01\n}\ndataset handed",
    )
    text = text.replace("| channel | amount |", "| amount |").replace("| web     |", "|")
    text = text.replace("| app     |", "|")
    _, found = read(text)

    assert [d.message for d in found] == [
        "the rows of `sales` lack `channel`, which is used and cannot be null"
    ]
