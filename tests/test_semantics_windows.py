"""Windows, families, conditions: which rows an aggregate reads."""

from __future__ import annotations

import pytest
from till import beside, group, resolved, slugs, value_of

from featdsl.ir import expr as ir
from featdsl.ir.text import canonical
from featdsl.ir.visit import walk
from featdsl.types.duration import Duration

DAY = "d"


def test_no_window_is_lifetime_where_rows_have_a_time():
    assert value_of("x = count()").expr.window == ir.LIFETIME


def test_no_window_is_none_where_rows_have_no_time():
    feature = value_of("x = sum(area)", header="profile for store from stores")

    assert feature.expr.window is None


@pytest.mark.parametrize(
    ("written", "window"),
    [
        ("7d", ir.Window(start=Duration(7, DAY))),
        ("14d..7d", ir.Window(start=Duration(14, DAY), end=Duration(7, DAY))),
        ("7d..0d", ir.Window(start=Duration(7, DAY))),
        ("7d..=0d", ir.Window(start=Duration(7, DAY), end_closed=True)),
        (
            "7d<..=1d",
            ir.Window(
                start=Duration(7, DAY),
                end=Duration(1, DAY),
                start_closed=False,
                end_closed=True,
            ),
        ),
        ("lifetime", ir.LIFETIME),
        ("lifetime..7d", ir.Window(end=Duration(7, DAY))),
        ("7d aligned 1w", ir.Window(start=Duration(7, DAY), aligned=Duration(1, "w"))),
        ("lifetime aligned 15min", ir.Window(aligned=Duration(15, "min"))),
        ("since start of month", ir.Window(since="month")),
        ("last 10 events", ir.Window(last=10)),
        ("last 1 events in 7d", ir.Window(start=Duration(7, DAY), last=1)),
        ("since start of day aligned 6h", ir.Window(since="day", aligned=Duration(6, "h"))),
    ],
)
def test_a_window_has_its_ends(written, window):
    assert value_of(f"x = count() over {written}").expr.window == window


def test_a_call_keeps_its_own_window():
    feature = value_of("x = count(over 7d) / count() over 30d")

    assert [str(side.window) for side in (feature.expr.left, feature.expr.right)] == ["7d", "30d"]


def test_a_family_has_a_member_for_each_window():
    features = resolved("n[7d, 14d..7d, lifetime, 7d..=1d] = count()")

    assert list(features) == ["n_7d", "n_14d_7d", "n_lifetime", "n_7d_1d"]
    assert {f.family for f in features.values()} == {"n"}
    assert [str(f.window) for f in features.values()] == ["7d", "14d..7d", "lifetime", "7d..=1d"]


def test_members_share_the_text_that_declares_them():
    features = resolved("n[7d, 30d] = count()")

    assert {f.text for f in features.values()} == {"n[7d, 30d] = count()"}


def test_a_constant_may_hold_the_windows():
    assert list(resolved("n[$recent] = count()")) == ["n_7d", "n_30d"]


def test_a_family_in_a_family_is_the_member_of_the_same_window():
    features = resolved("n[7d, 30d] = count()", "s[7d, 30d] = sum(amount) / n")

    assert features["s_30d"].expr.right.feature == "shop.spend.n_30d"


def test_a_family_without_that_member_is_a_mistake():
    assert slugs("n[7d] = count()", "s[30d] = sum(amount) / n") == ["family-member"]
    assert slugs("n[7d, 30d] = count()", "s = n + 1") == ["family-member"]


@pytest.mark.parametrize(
    "features",
    [
        ["n_7d = count()", "n[7d] = count()"],
        ["n[7d, 7d] = count()"],
        ["n[7d..=1d, 7d..1d] = count()"],
        ["n[7d] = count()", "n[7d] = count()"],
    ],
)
def test_two_members_of_one_name_are_a_mistake(features):
    assert slugs(*features) == ["duplicate-feature"]


@pytest.mark.parametrize("window", ["7d..14d", "0d", "7d..7d", "1month..2month"])
def test_a_window_that_holds_nothing_is_a_mistake(window):
    assert slugs(f"x = count() over {window}") == ["empty-window"]


def test_one_instant_may_be_a_window_when_both_ends_are_in():
    assert value_of("x = count() over 3h..=3h").window is None


def test_a_window_within_the_delay_is_a_warning():
    assert slugs("x = count() over 2h") == ["window-within-delay"]
    assert slugs("x[1h, 3h] = count()") == ["window-within-delay"]
    assert slugs("x = count() over 121min") == []


def test_a_window_over_rows_without_a_time_is_a_mistake():
    header = "profile for store from stores"

    assert slugs("x = sum(area) over 7d", header=header) == ["window-without-time"]
    assert slugs("x = sum(area over 7d)", header=header) == ["window-without-time"]
    assert slugs("x[7d, 30d] = sum(area)", header=header) == ["window-without-time"]
    assert slugs("x = sum(area)", header=header) == []


def test_a_window_that_nothing_takes_up_is_a_mistake():
    assert slugs("a = count()", "x = a + 1 over 7d") == ["clause-without-effect"]
    assert slugs("a = count()", "x[7d, 30d] = a + 1") == ["clause-without-effect"]
    assert slugs("a = count()", "x = a + 1 where gift") == ["clause-without-effect"]


def test_a_window_of_a_parameter_keeps_its_name():
    program, found = beside("param w: duration = 7d\n" + group("x = count() over $w"))

    assert found == []
    x = program.feature("shop.spend.x").expr
    assert x.window.start == Duration(7, DAY)
    assert canonical(x) == "count(over $w)"
    assert program.params["shop.w"].value == Duration(7, DAY)


def test_conditions_of_group_feature_and_call_are_all_asked():
    header = 'spend for customer from lines where channel = "web"'
    feature = value_of("x = count(where gift) + count() where amount > 5", header=header)

    assert [canonical(side.where) for side in (feature.expr.left, feature.expr.right)] == [
        'channel = "web" and amount > 5 and gift',
        'channel = "web" and amount > 5',
    ]


def test_the_condition_of_a_group_holds_for_bare_columns():
    header = 'profile for customer from customers where city = "Pune"'
    feature = value_of("joined = joined_at", header=header)

    assert canonical(feature.expr.where) == 'city = "Pune"'


def test_aggregates_that_need_an_order_get_one_or_are_a_mistake():
    views = "seen for customer from visits"

    assert slugs("x = last(page)", header=views) == ["no-total-order"]
    assert slugs("x = count_distinct(page)", header=views) == []
    assert slugs("x = first(channel)", "y = max_by(channel, amount)") == []


def test_aggregates_that_need_time_are_a_mistake_without():
    header = "profile for store from stores"

    assert slugs("x = slope(area)", header=header) == ["time-needed"]
    assert slugs("x = last(area)", header=header) == ["time-needed"]


def test_loops_write_features_out():
    features = resolved(
        'base[7d] = count()\n  for c in ["food", "wine"] {\n    ## Of it.\n'
        "    n_{c}[7d] = count(where category = $c)\n    ## Share.\n"
        "    share_{c} = n_{c}_7d / base_7d\n  }"
    )

    assert list(features) == ["base_7d", "n_food_7d", "n_wine_7d", "share_food", "share_wine"]
    assert features["share_wine"].expr.left.feature == "shop.spend.n_wine_7d"
    assert canonical(features["n_wine_7d"].expr.where) == 'category = "wine"'


def test_loops_nest_and_loop_over_constants_and_lengths():
    text = """const kinds = ["food", "wine"]
## A group.
features spend for customer from lines {
  owner "a@example.com"
  for c in $kinds {
    for w in [7d, 30d] {
      ## A value.
      n_{c}_{w} = count(where category = $c) over $w
    }
  }
}
"""
    program, found = beside(text)

    assert found == []
    assert [f.short for f in program.groups["shop.spend"].features.values()] == [
        "n_food_7d",
        "n_food_30d",
        "n_wine_7d",
        "n_wine_30d",
    ]


@pytest.mark.parametrize(
    "window",
    [
        "7d aligned 1d",
        "since start of week",
        "14d<..=7d aligned 6h",
        "last 3 events",
        "last 3 events in lifetime..7d aligned 1d",
    ],
)
def test_a_window_is_written_as_it_is_read(window):
    assert str(value_of(f"x = count() over {window}").expr.window) == window


def test_a_group_s_step_holds_for_windows_without_one():
    program, found = beside(
        """
## What a customer spends.
features spend for customer from lines aligned 1d {
  owner "growth@example.com"
  ## A value.
  n[$recent] = count()
  ## A value.
  own = count(over 7d aligned 1w) / count()
  ## A value.
  since_month[since start of month] = count()
}
"""
    )

    assert found == []
    windows = {
        f.short: [str(n.window) for n in walk(f.expr) if isinstance(n, ir.Aggregate)]
        for f in program.groups["shop.spend"].features.values()
    }
    assert windows == {
        "n_7d": ["7d aligned 1d"],
        "n_30d": ["30d aligned 1d"],
        "own": ["7d aligned 1w", "lifetime aligned 1d"],
        "since_month_month": ["since start of month aligned 1d"],
    }


def test_a_step_that_no_window_takes_up_is_an_error():
    found = slugs(
        "x = count() over 7d aligned 1w", header="spend for customer from lines aligned 1d"
    )

    assert found == ["clause-without-effect"]


def test_a_group_without_time_is_not_aligned():
    found = slugs("x = sum(area)", header="profile for store from stores aligned 1d")

    assert found == ["window-without-time"]


@pytest.mark.parametrize(
    ("window", "warned"),
    [
        ("2h", True),
        ("1h aligned 1h", True),
        ("90min aligned 1h", False),
        ("since start of hour", True),
        ("since start of day", False),
        ("lifetime aligned 1h", False),
    ],
)
def test_a_step_adds_to_how_far_a_window_reaches(window, warned):
    assert slugs(f"x = count() over {window}") == ["window-within-delay"] * warned


def test_a_mistake_in_a_loop_or_family_is_one_message():
    loop = 'for c in ["a", "b"] {\n    ## A value.\n    n_{c}[7d, 30d] = sum(amuont)\n  }'

    assert slugs(loop) == ["unknown-column"]


def test_loops_that_make_too_much_are_stopped():
    items = ", ".join(map(str, range(101)))
    loops = " ".join(f"for {v} in [{items}] {{" for v in "abc")
    text = f"{loops}\n  ## A value.\n  n_{{a}}_{{b}}_{{c}} = count() }} }} }}"

    assert slugs(text) == ["expansion"]


def test_metadata_of_nested_loops_are_those_of_the_group_once():
    text = (
        'for a in [1, 2] { for b in [1, 2] {\n note "x"\n  ## A value.\n  n_{a}_{b} = count() } }'
    )
    program, found = beside(group(text))

    assert found == []
    assert program.groups["shop.spend"].meta.notes == ("x",)
