"""Parameters, constants and functions: values of a run, and names for what is written often."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from till import analysed, beside, group

from featdsl.ir import expr as ir
from featdsl.ir.program import Origin
from featdsl.ir.text import canonical
from featdsl.ir.visit import walk
from featdsl.semantics.surroundings import Surroundings
from featdsl.types.duration import Duration


def declared(text: str, **options):
    program, found, _ = analysed({"p.feat": text}, project="p", **options)
    return program, [d for d in found if d.code.slug != "unused"]


@pytest.mark.parametrize(
    ("declaration", "given", "value"),
    [
        ("param x: int = 1", "12", 12),
        ("param x: float = 1", "2.5", 2.5),
        ("param x: decimal(6, 2) = 1", "2.5", Decimal("2.50")),
        ("param x: bool = true", "false", False),
        ('param x: text = ""', "a, b", "a, b"),
        ("param x: date = @2024-01-01", "2024-02-03", date(2024, 2, 3)),
        ("param x: timestamp", "2024-02-03T04:00:00+02:00", datetime(2024, 2, 3, 2)),
        ("param x: timestamp", "2024-02-03", datetime(2024, 2, 3)),
        ("param x: duration = 1d", "30min", Duration(30, "min")),
        ('param x: list(text) = ["a"]', "b, c", ("b", "c")),
        ("param x: int = 1", 7, 7),
        ("param x: decimal(6, 2) = 1", Decimal("1.5"), Decimal("1.50")),
    ],
)
def test_a_value_from_outside_is_read_by_the_parameters_type(declaration, given, value):
    program, found = declared(declaration, params={"x": given})

    assert found == []
    assert program.params["p.x"].value == value
    assert program.params["p.x"].origin is Origin.COMMAND


@pytest.mark.parametrize(
    ("type_", "given"),
    [
        ("int", "abc"),
        ("int", "1.5"),
        ("int", "9223372036854775808"),
        ("int", True),
        ("decimal(4, 2)", "123.45"),
        ("decimal(4, 2)", "1.234"),
        ("bool", "yes"),
        ("date", "2024-02-30"),
        ("timestamp", "yesterday"),
        ("duration", "30 days"),
        ("float", "nan"),
        ("float", "1e400"),
        ("float", float("inf")),
        ("float", 10**400),
        ("decimal(4, 2)", "1e999999999"),
        ("decimal(4, 2)", Decimal("NaN")),
        ("duration", "99999999999999d"),
        ("duration", "3month"),
        ("timestamp", "0001-01-01T00:00:00+14:00"),
        ("list(int)", 5),
        ("list(int)", "1, x"),
        ("int", None),
        ("text", 5),
    ],
)
def test_a_value_that_does_not_fit_is_a_mistake(type_, given):
    program, found = declared(f"param x: {type_}", params={"x": given})

    assert [d.code.slug for d in found] == ["parameter-value"]
    assert program.params == {}


def test_a_secret_value_is_not_printed():
    _, found = declared("secret param x: int", params={"x": "hunter2"})

    assert "hunter2" not in found[0].message


def test_full_names_pick_the_namespace():
    program, _ = declared("param x: int = 1", params={"p.x": "2"})

    assert program.params["p.x"].value == 2


def test_an_unknown_parameter_is_a_mistake_with_the_nearest_name():
    _, found = declared("param premium_floor: int = 1", params={"premium_flor": "2"})

    assert [(d.code.slug, d.helps) for d in found] == [
        ("unknown-parameter", ("did you mean `premium_floor`?",))
    ]


def test_defaults_are_calculated_and_kept_as_text():
    program, found = declared("param a: int = 2\nparam b: decimal(6, 2) = $a * 1.5 + 1")

    assert found == []
    assert program.params["p.b"].value == Decimal("4.00")
    assert program.params["p.b"].default == "$a * 1.5 + 1"


def test_a_default_follows_the_value_of_another_parameter():
    program, _ = declared("param a: int = 2\nparam b: int = $a + 1", params={"a": "10"})

    assert program.params["p.b"].value == 11


@pytest.mark.parametrize(
    ("default", "slug"),
    [
        ('"x"', "declared-type"),
        ("[1]", "declared-type"),
        ("a", "not-constant"),
        ("today()", "declared-type"),
        ('concat(env("X"), "a")', "not-constant"),
        ("sum(1)", "aggregate-outside-feature"),
        ("now()", "wall-clock"),
    ],
)
def test_a_default_must_be_a_value_of_the_type(default, slug):
    _, found = declared(f"param x: int = {default}")

    assert [d.code.slug for d in found] == [slug]


@pytest.mark.parametrize(
    "value",
    [
        "9223372036854775807 + 1",
        "1d * 99999999999999",
        "@9999-12-31 + 30d",
        "99999999999999999999.0 * 99999999999999999999.0",
    ],
)
def test_a_constant_that_no_type_holds_is_a_mistake(value):
    _, found = declared(f"const c = {value}")

    assert [d.code.slug for d in found] in (["not-constant"], ["too-many-digits"])


def test_constants_of_lengths_and_times_are_calculated():
    program, found = declared(
        "param a: duration = 12h * 3\nparam b: timestamp = @2024-01-31 + 36h\n"
        "param c: float = 1d / 12h\nparam d: int = -7 // 2"
    )

    assert found == []
    assert [p.value for p in program.params.values()] == [
        Duration(36, "h"),
        datetime(2024, 2, 1, 12),
        2.0,
        -4,
    ]


def test_a_parameter_without_a_value_is_a_mistake_where_it_is_used():
    _, found = declared("param x: int")
    assert found == []

    _, found = beside("param x: int\n" + group("a = count(where sku = $x)", "b = sum(sku) + $x"))
    assert [d.code.slug for d in found] == ["parameter-missing"]


def test_parameters_keep_their_name_beside_the_value():
    program, _ = beside(group("a = count(where amount > $premium_floor)"))
    feature = program.feature("shop.spend.a")
    found = [at for at in walk(feature.expr) if isinstance(at, ir.Param)]

    assert [(p.name, p.default, p.value) for p in found] == [
        ("shop.premium_floor", "500.00", Decimal("500.00"))
    ]


def test_a_list_parameter_stands_after_in():
    program, found = beside(
        'param c: list(text) = ["a", "b"]\n' + group("n = count(where channel in $c)")
    )
    within = program.feature("shop.spend.n").expr.where

    assert found == []
    assert [(i.name, i.value) for i in within.items] == [("shop.c", "a"), ("shop.c", "b")]


def test_constants_are_values():
    program, found = beside("const big = 2 * 50\n" + group("n = count(where sku > $big)"))

    assert found == []
    assert canonical(program.feature("shop.spend.n").expr.where) == "sku > 100"


def test_a_constant_cannot_rest_on_a_parameter():
    _, found = declared("param a: int = 1\nconst c = $a + 1")

    assert [d.code.slug for d in found] == ["not-constant"]


def test_paths_hold_parameters():
    program, _ = beside("", params={"folder": "elsewhere"})

    assert program.sources["shop.sales"].location.argument == "elsewhere/sales.parquet"
    assert program.sources["shop.sales"].location.written == '"{$folder}/sales.parquet"'


# --- functions


def test_a_function_is_expanded_where_it_is_called():
    program, found = beside(
        "fn net(x: decimal(12, 2), tax: float): float = x / (1 + tax)\n"
        + group("n = sum(net(amount, 0.2)) over 7d")
    )

    assert found == []
    assert canonical(program.feature("shop.spend.n").expr) == (
        "sum(amount / (1 + cast(0.2 as float)) over 7d)"
    )


def test_functions_call_functions_and_take_features():
    program, found = beside(
        "fn half(x: float): float = x / 2\nfn quarter(x: float): float = half(half(x))\n"
        + group("a = count()", "q = quarter(a)")
    )

    assert found == []
    refs = [
        at for at in walk(program.feature("shop.spend.q").expr) if isinstance(at, ir.FeatureRef)
    ]
    assert [r.feature for r in refs] == ["shop.spend.a"]


def test_a_bare_decimal_takes_every_exact_number():
    program, found = beside(
        "fn share(a: decimal, b: decimal): decimal = a / b\n"
        + group("s = share(sum(amount), count())")
    )

    assert found == []
    assert str(program.feature("shop.spend.s").dtype) == "float"


@pytest.mark.parametrize(
    ("fn", "call", "slug"),
    [
        ("fn f(x: int): int = x + y", "f(sku)", "unknown-column"),
        ("fn f(x: int): text = x + 1", "f(sku)", "declared-type"),
        ("fn f(x: int): int = x + 1", "f(status)", "argument-type"),
        ("fn f(x: int): int = x + 1", "f()", "argument-count"),
        ("fn f(x: int): int = x + 1", "f(sku, sku)", "argument-count"),
        ("fn f(x: int): int = x + 1", "f(y: sku)", "unknown-argument"),
        ("fn f(x: int): int = sum(x)", "f(sku)", "aggregate-outside-feature"),
        ("fn f(x: decimal): decimal = x + 1", "f(status)", "argument-type"),
        ("fn f(x: int, x: int): int = x", "f(sku, sku)", "duplicate-name"),
        ("fn sum(x: int): int = x", "sku", "reserved-name"),
    ],
)
def test_a_mistake_in_a_function_or_its_call_is_one_message(fn, call, slug):
    _, found = beside(f"{fn}\n" + group(f"a = max({call})"))

    assert [d.code.slug for d in found] == [slug]


def test_a_function_that_reads_the_as_of_time_stands_in_features_only():
    fn = "fn days_old(x: timestamp): int = days_since(x)\n"
    view = "## V.\nview v from sales { let a = days_old(sold_at) }\n"

    _, found = beside(fn + group("x = avg(days_old(sold_at))"))
    assert found == []

    _, found = beside(fn + view + group("x = avg(a)", header="g for customer from v"))
    assert [d.code.slug for d in found] == ["no-as-of"]


def test_functions_that_grow_without_measure_are_stopped():
    fns = "\n".join(f"fn f{i}(x: float): float = f{i - 1}(x) + f{i - 1}(x)" for i in range(1, 60))
    _, found = beside(f"fn f0(x: float): float = x + x\n{fns}\n" + group("a = max(f59(weight))"))

    assert [d.code.slug for d in found] == ["expansion"]


def test_a_default_that_reads_the_day_is_kept_as_it_is_written():
    text = """\
param base: int = 2
param more: int = $base * (3 + $base) + 1
param since: date = today()-1d
param region: text = env('REGION') ?? "eu"
"""
    world = Surroundings(date(2026, 3, 10), {"REGION": "us"})
    program, found = declared(text, surroundings=world, params={"base": 4})

    assert found == []
    shown = {p.short: (p.default, p.value, p.origin) for p in program.params.values()}
    assert shown == {
        "base": ("2", 4, Origin.COMMAND),
        "more": ("$base * (3 + $base) + 1", 29, Origin.PARAMETER),
        "since": ("today() - 1d", date(2026, 3, 9), Origin.CLOCK),
        "region": ('env("REGION") ?? "eu"', "us", Origin.ENVIRONMENT),
    }


def test_what_a_parameter_means_follows_the_defaults_that_it_names():
    one, _ = declared("param a: int = 1\nparam b: int = $a + 1")
    two, _ = declared("param a: int = 2\nparam b: int = $a + 1")
    given, _ = declared("param a: int = 1\nparam b: int = $a + 1", params={"a": 2})

    assert one.params["p.b"].meaning != two.params["p.b"].meaning
    assert one.params["p.b"].meaning == given.params["p.b"].meaning


def test_the_day_is_no_part_of_what_a_parameter_means():
    text = "param since: date = today()"
    days = [
        declared(text, surroundings=Surroundings(date(2026, 3, day)))[0].params["p.since"]
        for day in (1, 2)
    ]

    assert days[0].meaning == days[1].meaning
    assert days[0].value != days[1].value


def test_a_parameter_in_a_list_keeps_its_name():
    text = "param high: decimal(6, 1) = 5.5\n" + group("b = max(bucket(amount, [0, $high]))")
    found = [beside(text, params=given)[0] for given in ({}, {"high": "7.5"})]
    features = [p.groups["shop.spend"].features["shop.spend.b"] for p in found]
    named = [n for n in walk(features[1].expr) if isinstance(n, ir.Param)]

    assert [(n.name, n.value) for n in named] == [("shop.high", Decimal("7.5"))]
    # Equality leaves a run's value out: what a feature means is the same in every run.
    assert features[0].expr == features[1].expr


def test_names_do_not_differ_from_run_to_run():
    text = "param n: int = 5\n" + group("for k in [$n, 2] { z_{k} = count(where sku = $k) }")
    _, found = beside(text)

    assert "not-constant" in [d.code.slug for d in found]


def test_a_calculation_with_a_parameter_in_a_list_is_known_and_keeps_its_name():
    text = "param n: int = 5\n" + group("b = max(bucket(amount, [0, $n + 1]))")
    program, found = beside(text)

    assert found == []
    (bucket,) = program.feature("shop.spend.b").expr.args
    assert [i.value for i in bucket.args[1].items] == [0, 6]
    assert canonical(bucket) == "bucket(amount, [0, $n + 1])"
