"""Names: inside an aggregate they are columns, outside they are features."""

from __future__ import annotations

import pytest
from till import analysed, beside, group, resolved, slugs, value_of

from featdsl.ir import expr as ir
from featdsl.ir.text import canonical
from featdsl.ir.visit import walk

STORES = "profile for store from stores"
CUSTOMERS = "profile for customer from customers"


def test_a_name_outside_aggregates_is_a_feature_of_the_group():
    features = resolved("a = count()", "b = a + 1")

    assert isinstance(features["b"].expr, ir.Arithmetic)
    assert features["b"].expr.left == ir.FeatureRef(
        dtype=features["a"].dtype, span=features["b"].span, feature="shop.spend.a"
    )


def test_a_name_inside_an_aggregate_is_a_column_even_where_a_feature_has_it():
    features = resolved("amount = sum(amount)", "twice = amount * 2", "top = max(amount)")

    assert features["twice"].expr.left.feature == "shop.spend.amount"
    assert features["top"].expr.args == (
        ir.Column(dtype=features["top"].dtype, span=features["top"].span, name="amount"),
    )


def test_a_feature_in_an_aggregate_is_said_to_be_one():
    _, found = beside(group("a = count()", "b = sum(a)"))

    assert [(d.code.slug, d.notes) for d in found] == [
        (
            "unknown-column",
            ("`a` is a feature of this group; inside an aggregate names are columns",),
        )
    ]


def test_a_bare_column_is_the_value_of_the_one_row():
    feature = value_of("city = city", header=CUSTOMERS)

    assert feature.expr == ir.Aggregate(
        dtype=feature.dtype,
        span=feature.span,
        aggregate="row_value",
        args=(ir.Column(dtype=feature.dtype, span=feature.span, name="city"),),
    )
    assert feature.nullable


def test_a_static_source_with_the_entitys_key_has_one_row():
    assert value_of("big = area > 100", header=STORES).dtype.kind == "bool"


def test_a_bare_column_of_many_rows_is_a_mistake():
    assert slugs("x = amount") == ["column-outside-aggregate"]
    assert slugs("x = p.price") == ["column-outside-aggregate"]


def test_versions_that_are_kept_by_the_entitys_key_give_one_row():
    text = """
## Latest address.
source addresses {
  from csv "addresses.csv"
  time moved_at
  entity customer
  columns { customer_id: int required  moved_at: timestamp required  street: text }
  keep last per customer_id by moved_at
}
""" + group("street = street", header="home for customer from addresses")
    program, found = beside(text)

    assert found == []
    assert program.groups["shop.home"].features["shop.home.street"].expr.aggregate == "row_value"


def test_a_name_that_is_both_is_a_mistake_with_both_full_names():
    _, found = beside(group("city = city", 'x = city = "Pune"', header=CUSTOMERS))

    assert [d.message for d in found] == [
        "`city` is the feature `shop.profile.city` and the column `shop.customers.city`"
    ]


def test_columns_of_a_join_have_its_alias():
    feature = value_of("x = max(p.price) over 30d")
    column = feature.expr.args[0]

    assert (column.qualifier, column.name, column.nullable) == ("p", "price", True)


def test_features_of_the_own_group_may_be_qualified():
    features = resolved("a = count()", "b = spend.a + 1")

    assert features["b"].expr.left.feature == "shop.spend.a"


def test_features_are_in_dependency_order_and_remember_their_place():
    features = resolved("c = b + 1", "b = a + 1", "a = count()")

    assert list(features) == ["a", "b", "c"]
    assert [f.index for f in features.values()] == [2, 1, 0]


@pytest.mark.parametrize(
    ("features", "path"),
    [
        (["b = a", "a = b"], "features form a cycle: a -> b -> a"),
        (["z = y", "y = x", "x = z"], "features form a cycle: x -> z -> y -> x"),
        (["a = a + 1"], "a feature refers to itself: a -> a"),
    ],
)
def test_a_cycle_is_a_closed_path_from_its_first_name(features, path):
    _, found = beside(group(*features))

    assert [d.message for d in found] == [path]
    assert len(found[0].secondary) == len(features) - 1


def test_what_needs_a_cycle_or_a_mistake_is_not_reported_again():
    assert slugs("a = b", "b = a", "c = a + 1") == ["cycle"]
    assert slugs("a = sum(amuont)", "b = a + 1", "c = b / a") == ["unknown-column"]


def test_broken_declarations_are_known_names():
    program, found = beside(group("a = sum(amount", "b = a + 1", "c = count()"))

    assert [d.code.id[:4] for d in found] == ["FD01"]
    assert list(program.groups["shop.spend"].features) == ["shop.spend.c"]


def test_a_broken_source_is_a_known_name():
    _, found = beside(
        "## X.\nsource x { from csv }\n" + group("a = count()", header="g for customer from x")
    )

    assert {d.code.id[:4] for d in found} == {"FD01"}


def test_a_family_of_another_group_is_its_member_of_the_same_window():
    text = group("a[7d, 30d] = count()") + group(
        "b[7d, 30d] = spend.a * 2", "c = b_7d + spend.a_30d", header="more for customer from sales"
    )
    program, found = beside(text)

    assert found == []
    assert canonical(program.feature("shop.more.b_30d").expr) == "spend.a_30d * 2"


def test_names_are_resolved_in_their_own_namespace():
    files = {
        "a.feat": "namespace a\n## N.\nconst n = 3\n",
        "b.feat": "namespace b\n## M.\nparam m: int = $n\n",
    }
    _, found, _ = analysed(files)

    assert [d.message for d in found if d.code.id.startswith("FD02")] == [
        "there is no parameter, constant or loop variable `$n`"
    ]


def test_a_namespace_may_span_files_in_any_order():
    files = {
        "a.feat": "namespace a\n" + group("n = count()", header="g for e from s"),
        "b.feat": """namespace a
## E.
entity e { key k: int }
## S.
source s { from csv "s.csv"  entity e  columns { k: int } }
""",
    }
    program, found, _ = analysed(files)

    assert found == []
    assert list(program.groups) == ["a.g"]


def test_files_without_a_namespace_are_in_the_projects():
    program, _, _ = analysed({"a.feat": "## N.\nparam n: int = 1\n"}, project="demo")

    assert list(program.params) == ["demo.n"]


def test_a_misspelt_name_gets_the_nearest_one():
    _, found = beside(group("x = sum(amuont)"))

    assert found[0].helps == ("did you mean `amount`?",)


def test_the_as_of_time_is_known_in_features_and_in_aggregates():
    feature = value_of("x = count(where sold_at > as_of - 3d)")

    assert any(isinstance(at, ir.AsOf) for at in walk(feature.expr))


@pytest.mark.parametrize("clock", ["now()", "current_date", "current_timestamp", "today()"])
def test_the_wall_clock_cannot_be_read(clock):
    _, found = beside(group(f"x = last(sold_at) > {clock}"))

    assert [d.code.slug for d in found] == ["wall-clock"]
    assert found[0].helps[0] == "use `as_of`, the time that the value is for"


@pytest.mark.parametrize(
    ("call", "instead"),
    [
        ("isnull(gift)", "`x is null`"),
        ("nvl(sku, 0)", "`coalesce(x, v)` or `x ?? v`"),
        ("ifnull(sku, 0)", "`coalesce(x, v)` or `x ?? v`"),
        ("len(status)", "`length(x)`"),
    ],
)
def test_functions_of_other_languages_are_met_with_the_ones_of_this(call, instead):
    _, found = beside(group(f"x = count({call})"))

    assert [(d.code.slug, d.helps) for d in found] == [
        ("foreign-function", (f"it is written {instead}",))
    ]


def test_count_distinct_may_be_written_as_in_sql():
    assert value_of("x = count(distinct channel)").expr.aggregate == "count_distinct"
    assert value_of("x = count(*)").expr == value_of("x = count()").expr
