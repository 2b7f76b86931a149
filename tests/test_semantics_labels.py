"""Labels: windows that look forward, and no way from them into a feature."""

from __future__ import annotations

import pytest
from till import beside, group, slugs

from featdsl.ir import expr as ir
from featdsl.ir.program import Feature
from featdsl.types.duration import Duration


def labels(*written: str, header: str = "outcome for customer from lines") -> str:
    return group(*written, header=header).replace("features ", "labels ", 1)


def label_slugs(*written: str, **options: str) -> list[str]:
    _, found = beside(labels(*written, **options))
    return [d.code.slug for d in found]


def resolved(*written: str, header: str = "outcome for customer from lines") -> dict[str, Feature]:
    program, found = beside(labels(*written, header=header))
    assert [(d.code.slug, d.message) for d in found] == []
    name = header.split(" ")[0]
    return {f.short: f for f in program.labels[f"shop.{name}"].features.values()}


def test_a_label_looks_forward():
    label = resolved("spend = sum(amount) over next 30d")["spend"]

    assert label.expr.window == ir.NextWindow(length=Duration(30, "d"))


def test_labels_are_no_groups_of_features():
    program, _ = beside(labels("gone = count() = 0 over next 30d"))

    assert list(program.labels) == ["shop.outcome"]
    assert list(program.groups) == []


def test_a_family_of_labels_is_named_by_what_comes_next():
    found = resolved("spend[next 30d, next 90d] = sum(amount)")

    assert list(found) == ["spend_next_30d", "spend_next_90d"]
    assert {f.family for f in found.values()} == {"spend"}


def test_a_label_may_look_back_too():
    found = resolved("rises = sum(amount over next 7d) > sum(amount over 7d)")

    assert found["rises"].expr.right.window == ir.Window(start=Duration(7, "d"))


def test_a_window_within_the_delay_is_no_concern_of_labels():
    assert label_slugs("x = count(over next 1d) > count(over 1h)") == []


def test_a_label_may_use_a_label_of_its_group():
    found = resolved("gone = n = 0", "n = count() over next 30d")

    assert list(found) == ["n", "gone"]


def test_a_bare_column_is_a_label_where_a_key_has_one_row():
    found = resolved("region = region", header="place for store from stores")

    assert found["region"].expr.aggregate == ir.ROW_VALUE


def test_the_as_of_time_may_stand_in_a_condition():
    assert label_slugs("x = count(where sold_at < as_of + 7d) over next 30d") == []


@pytest.mark.parametrize(
    ("written", "slug"),
    [
        ("x = count()", "label-window"),
        ("x[7d] = count()", "label-window"),
        ("x[$recent] = count()", "label-window"),
        ("x = count() over next 0d", "empty-window"),
        ("x = count() over next 30d aligned 1d", "aligned-forward"),
        ("x = y over next 30d", "unknown-feature"),
        ("x = email", "column-outside-aggregate"),
        ("x = last(email) over next 30d", "publishes-pii"),
        ("x = x + 1", "cycle"),
    ],
)
def test_a_mistake_in_a_label_is_told_once(written, slug):
    assert label_slugs(written) == [slug]


def test_a_label_over_rows_without_a_time_has_no_window():
    header = "place for store from stores"

    assert label_slugs("n = count() over next 30d", header=header) == ["window-without-time"]
    assert label_slugs("n[next 30d] = count()", header=header) == ["window-without-time"]


def test_labels_without_rows_are_told():
    assert label_slugs("n = count() over next 3d", header="outcome for customer") == [
        "missing-item"
    ]


@pytest.mark.parametrize(
    "feature",
    ["risk = gone", "risk = outcome.gone", "risk = sum(gone)", "risk = sum(outcome.gone)"],
)
def test_a_feature_that_reads_a_label_is_leakage(feature):
    _, found = beside(labels("gone = count() over next 30d") + group(feature))

    assert [d.code.slug for d in found] == ["label-leak"]
    assert [s.text for s in found[0].secondary] == ["the label is declared here"]


def test_a_view_that_reads_a_label_is_leakage():
    view = "## A view.\nview v from sales { let gone = outcome.gone }\n"
    _, found = beside(labels("gone = count() over next 30d") + view)

    assert "label-leak" in [d.code.slug for d in found]


def test_a_column_may_have_the_name_of_a_label():
    text = labels("amount = sum(amount) over next 30d") + group("spend = sum(amount)")

    assert beside(text)[1] == []


def test_a_feature_may_have_the_name_of_a_label():
    text = labels("n = count() over next 30d") + group("n = count()", "twice = n * 2")

    assert beside(text)[1] == []


def test_a_window_of_a_feature_looks_back():
    assert slugs("x = count() over next 30d") == ["looks-forward"]
    assert slugs("x[next 30d] = count()") == ["looks-forward"]
