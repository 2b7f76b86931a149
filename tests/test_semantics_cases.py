"""`test` blocks: typed tables, instants, and what must be given."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest
from till import beside, group

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
