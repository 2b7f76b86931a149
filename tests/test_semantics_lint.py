"""Lint: what compiles and yet is likely to mislead, and how it is allowed."""

from __future__ import annotations

import pytest
from till import analysed, beside, group, slugs

from featdsl.diagnostics.catalog import warning_slugs
from featdsl.semantics.lint.rules import OFF_BY_DEFAULT, RULES


def test_rules_are_called_by_slugs_of_warnings():
    assert set(RULES) | OFF_BY_DEFAULT <= set(warning_slugs())


def test_what_readers_look_up_is_described():
    text = """entity e { key k: int }
source s { from csv "s.csv"  entity e  columns { k: int } }
view v from s { where k > 1 }
features g for e from v { owner "a"  n = count()  for c in [1, 2] { n_{c} = count(where k = $c) } }
"""
    _, found, _ = analysed({"t.feat": text})

    assert [d.message for d in found] == [
        f"the {what} has no description"
        for what in (
            "entity `e`",
            "source `s`",
            "view `v`",
            "group of features `g`",
            "feature `n`",
            "feature `n_{c}`",
        )
    ]


def test_unused_things_are_found():
    text = """## C.
const c = 1
## P.
param p: int = 1
fn f(x: int): int = x
## S.
source s { from csv "s.csv"  columns { k: int } }
## V.
view v from s { let a = k  let b = k  where a > 1 }
"""
    _, found, _ = analysed({"t.feat": text})

    assert sorted(d.message for d in found) == [
        "the constant `$c` is not used",
        "the function `f` is not used",
        "the let `b` is not used",
        "the parameter `$p` is not used",
        "the view `v` is not used",
    ]


def test_nothing_is_called_unused_while_something_has_a_mistake():
    _, found = beside("## C.\nconst c = 1\n" + group("n = count(where sku = $d)"))

    assert [d.code.slug for d in found] == ["unknown-parameter-name"]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('status != "paid"', ["null-comparison"]),
        ('channel != "web"', []),
        ('status != "paid" or status is null', []),
        ('status != "paid" and status is not null', []),
        ("status = null", ["always-null"]),
        ("status != null", ["always-null"]),
        ("1 = 1", ["constant-condition"]),
        ("gift and true", ["constant-condition"]),
        ("gift", []),
    ],
)
def test_conditions_that_mislead_are_named(condition, expected):
    assert slugs(f"n = count(where {condition})") == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("sum(amount where gift) / sum(amount)", ["share-without-default"]),
        ("sum(amount where gift default 0) / sum(amount)", []),
        ("sum(amount where gift) / count()", []),
        ("sum(amount over 7d) / sum(amount over 30d)", []),
        ("count(where gift) / count()", []),
    ],
)
def test_a_share_whose_numerator_may_be_null_is_named(value, expected):
    assert slugs(f"n = {value}") == expected


def test_a_month_is_not_thirty_days():
    _, found = beside(group("n = count() over 3month", "m[1month, 30d] = count()"))

    assert [(d.code.slug, d.helps[0][-5:]) for d in found] == [
        ("month-window", "`90d`"),
        ("month-window", "`30d`"),
    ]


def test_untested_features_are_named_where_a_project_asks():
    text = group("n = count()", "m[7d, 30d] = count()", "k = count()") + (
        'test "t" {\n  given visits\n    | customer_id | seen_at |\n    | 1 | 2024-01-01 |\n'
        "  at @2024-01-02\n  then spend\n    | customer_id | n | m_7d |\n    | 1 | 0 | 0 |\n}\n"
    )

    assert [d.code.slug for d in beside(text)[1]] == []
    _, found = beside(text, enabled=("untested-feature",))
    assert [d.message for d in found] == ["no test states a value of `spend.k`"]


def test_a_feature_is_tested_where_the_rows_of_a_data_set_state_it():
    text = group("n = count()", "m[7d, 30d] = count()", "k = count()") + (
        '## Rows.\ndataset asked for customer {\n  owner "a@example.com"\n'
        "  spine visits at seen_at\n  include spend.* as now\n}\n"
        'test "t" {\n  given visits\n    | customer_id | seen_at |\n    | 1 | 2024-01-01 |\n'
        "  then asked\n    | now_n | now_m_7d |\n    | 0 | 0 |\n}\n"
    )
    _, found = beside(text, enabled=("untested-feature",))

    assert [d.message for d in found] == ["no test states a value of `spend.k`"]


ALLOW = 'allow "{}" because "a reason"'


def test_a_declaration_allows_a_warning_for_itself():
    allow = ALLOW.format("month-window")
    text = group(f"n = count() over 1month {{ {allow} }}", "m = count() over 2month")
    _, found = beside(text)

    assert [(d.code.slug, d.primary.span.start > text.index("m =")) for d in found] == [
        ("month-window", True)
    ]


def test_a_group_allows_a_warning_for_its_features():
    text = group("n = count() over 1month").replace(
        "owner", ALLOW.format("month-window") + "\n  owner"
    )

    assert beside(text)[1] == []


def test_an_allowance_without_use_is_a_warning():
    text = group(f"n = count() {{ {ALLOW.format('month-window')} }}")

    assert [d.code.slug for d in beside(text)[1]] == ["unused-allow"]


def test_an_allowance_of_a_rule_that_is_off_is_no_warning():
    text = group(f"n = count() {{ {ALLOW.format('untested-feature')} }}")

    assert beside(text)[1] == []
    assert beside(text, enabled=("untested-feature",))[1] == []


@pytest.mark.parametrize(
    ("allow", "slugs_"),
    [
        ('allow "month-widow" because "x"', ["month-window", "unknown-slug"]),
        ('allow "unknown-column" because "x"', ["month-window", "unknown-slug"]),
        ('allow "month-window" because " "', ["allow-without-reason"]),
    ],
)
def test_only_warnings_are_allowed_and_only_for_a_reason(allow, slugs_):
    assert slugs(f"n = count() over 1month {{ {allow} }}") == slugs_


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a + b", ["unit-mismatch"]),
        ("a - b", ["unit-mismatch"]),
        ("if a > b then 1 else 0", ["unit-mismatch"]),
        ("if a > 1 then a else b", ["unit-mismatch"]),
        ("a ?? b", ["unit-mismatch"]),
        ("a between 0 and b", ["unit-mismatch"]),
        ("a / b", []),
        ("a * b", []),
        ("a + a", []),
        ("a / a + b", []),
        ("a + 1", []),
        ("-a + cast(b as float)", ["unit-mismatch"]),
    ],
)
def test_values_of_different_units_do_not_mix(value, expected):
    units = ['a = sum(amount) { unit "INR" }', 'b = sum(amount) { unit "EUR" }']

    assert slugs(*units, f"c = {value}") == expected


LABELS = """## Labels.
labels outcome for customer from {} {{
  owner "a@example.com"
{}}}
"""


@pytest.mark.parametrize(
    ("source", "labels", "expected"),
    [
        ("visits", ["a = count() over 30d"], ["a"]),
        ("visits", ["a = count() over next 30d"], []),
        ("visits", ["a = count(over next 30d) > count(over 30d)"], []),
        ("visits", ["a = count() over 30d", "b = a > 1"], ["a", "b"]),
        ("visits", ["a = count() over next 30d", "b = a > 1"], []),
        ("visits", ["a = count() over 30d", "b = a > count() over next 30d"], []),
        ("visits", ["a = count() over 30d", "b = a > 1", "c = b and rest", "rest = true"], "abc"),
        ("visits", ["a = count() over lifetime"], ["a"]),
        ("customers", ["a = city"], []),
        ("customers", ["a = count()"], []),
    ],
)
def test_a_label_that_only_looks_back_is_named(source, labels, expected):
    body = "".join(f"  ## A value.\n  {label}\n" for label in labels)
    _, found = beside(LABELS.format(source, body))

    assert [(d.code.slug, d.message.split("`")[1]) for d in found] == [
        ("label-looks-back", name) for name in expected
    ]
