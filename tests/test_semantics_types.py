"""Types of expressions: arithmetic, comparison, casts, nullability."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from till import slugs, value_of

from featdsl.ir import expr as ir
from featdsl.ir.visit import walk

# Features over `sales`: amount decimal(12, 2), sku int, weight float, sold_at timestamp.
TYPES = {
    "count()": "int",
    "sum(sku)": "int",
    "sum(amount)": "decimal(38, 2)",
    "sum(weight)": "float",
    "avg(amount)": "float",
    "max(amount)": "decimal(12, 2)",
    "max(amount) + max(amount)": "decimal(13, 2)",
    "max(amount) - 1": "decimal(13, 2)",
    "max(amount) * 1.055": "decimal(16, 5)",
    "max(amount) * max(sku)": "decimal(31, 2)",
    "max(amount) * 100": "decimal(15, 2)",
    "sum(amount) - sum(amount)": "decimal(38, 2)",
    "max(sku) + 1": "int",
    "max(sku) * max(sku)": "int",
    "max(sku) + max(weight)": "float",
    "max(amount) * max(weight)": "float",
    "max(sku) / 2": "float",
    "max(amount) / max(amount)": "float",
    "max(sku) // 2": "int",
    "max(amount) // 1": "decimal(11, 0)",
    "15% * max(amount)": "decimal(14, 4)",
    "-max(amount)": "decimal(12, 2)",
    "(as_of - last(sold_at)) / 1d": "float",
    "(as_of - last(sold_at)) // 1d": "int",
    "last(sold_at) + 7d": "timestamp",
    "last(sold_at) - 1month": "timestamp",
    "last(sold_at) > @2024-01-01": "bool",
    "if count() > 1 then 1 else 2.50": "decimal(3, 2)",
    "if count() > 1 then max(weight) else 0": "float",
    "case when count() > 1 then max(sku) end": "int",
    "max(sku) ?? 0": "int",
    "coalesce(max(amount), 0)": "decimal(12, 2)",
    "cast(max(amount) as int)": "int",
    "try_cast(last(status) as decimal(6, 1))": "decimal(6, 1)",
    "sum(amount default 0)": "decimal(38, 2)",
    "min(sku default 0.5)": "decimal(20, 1)",
    "exists(where gift)": "bool",
    'last(status) like "p%"': "bool",
    "max(sku) between 1 and 2.5": "bool",
    'last(channel) in ["web", "app"]': "bool",
    "last(status) is not null": "bool",
    "not exists(where gift)": "bool",
    "days_since(last(sold_at))": "int",
}


@pytest.mark.parametrize("text", TYPES)
def test_an_expression_has_the_type_that_the_language_says(text):
    assert str(value_of(f"x = {text}").dtype) == TYPES[text]


NULLABLE = {
    "count()": False,
    "sum(amount)": True,
    "sum(amount default 0)": False,
    "count() + 1": False,
    "count() / 2": False,
    "count() / count()": True,
    'count() // 0 { allow "zero-divisor" because "asked" }': True,
    "max(amount) ?? 0": False,
    "max(amount) ?? min(amount)": True,
    "last(status) is null": False,
    "case when count() > 1 then 1 end": True,
    "if count() > 1 then 1 else 0": False,
    'try_cast("1" as int)': True,
    "days_since(as_of)": False,
    "days_since(last(sold_at))": True,
}


@pytest.mark.parametrize("text", NULLABLE)
def test_nullability_follows_the_expression(text):
    assert value_of(f"x = {text}").nullable is NULLABLE[text]


WRONG = {
    "max(amount) + last(status)": "operand-type",
    "last(status) + last(channel)": "operand-type",
    "last(sold_at) + last(sold_at)": "operand-type",
    "last(sold_at) + 1": "operand-type",
    "(as_of - last(sold_at)) / 2": "operand-type",
    "-last(status)": "operand-type",
    "1 + null": "operand-type",
    "last(status) like 1": "operand-type",
    'max(amount) > "5"': "incomparable",
    "last(gift) = 1": "incomparable",
    "(as_of - last(sold_at)) > 30": "incomparable",
    'max(sku) in [1, "a"]': "incomparable",
    'max(sku) between 1 and "z"': "incomparable",
    "not max(sku)": "not-a-condition",
    "if max(sku) then 1 else 2": "not-a-condition",
    "count(where sku)": "not-a-condition",
    "exists(where gift) and max(sku)": "not-a-condition",
    'if count() > 1 then "a" else 1': "different-types",
    'max(sku) ?? "none"': "different-types",
    "sum(status)": "argument-type",
    "ratio(sku)": "argument-type",
    "quantile(amount, 1.5)": "bad-constant",
    "quantile(amount, weight)": "not-constant",
    "sum(amount default sku)": "not-constant",
    "sum()": "argument-count",
    "sum(amount, sku)": "argument-count",
    "sum(amount, sku, weight)": "argument-count",
    "cast(max(sku) as timestamp)": "no-cast",
    "cast(max(sku))": "argument-count",
    "as_of - last(sold_at)": "feature-type",
    "null": "feature-type",
    "[1, 2]": "list-misplaced",
    "max(cast(amount as decimal(30, 2))) * max(cast(amount as decimal(30, 2)))": "too-many-digits",
    "max(cast(sku as decimal(38, 30))) * max(cast(sku as decimal(38, 30)))": "too-many-digits",
    "max(cast(amount as decimal(40, 2)))": "type-arguments",
    "99999999999999999999": "too-many-digits",
    "last(status) in []": "empty-list",
}


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_expression_is_one_mistake(text):
    assert slugs(f"x = {text}") == [WRONG[text]]


def test_a_written_type_is_cast_to_and_then_defaulted():
    feature = value_of("x: decimal(14, 2) = sum(amount) over 7d default 0")

    assert isinstance(feature.expr, ir.Coalesce)
    assert [str(o.dtype) for o in feature.expr.operands] == ["decimal(14, 2)", "decimal(14, 2)"]
    assert isinstance(feature.expr.operands[0], ir.Cast)
    assert not feature.nullable


def test_a_value_that_does_not_fit_its_written_type_is_a_mistake():
    assert slugs("x: int = last(status)") == ["declared-type"]
    assert slugs("x: text = count()") == ["declared-type"]


def test_literals_keep_their_digits_and_dates_their_kind():
    feature = value_of("x = count(where amount > 1.50 and sold_at > @2024-01-03)")
    literals = [at.value for at in walk(feature.expr) if isinstance(at, ir.Literal)]

    assert literals == [Decimal("1.50"), date(2024, 1, 3)]


def test_the_least_int_can_be_written():
    feature = value_of("x = count(where sku > -9223372036854775808)")

    assert any(isinstance(at, ir.Literal) and at.value == -(2**63) for at in walk(feature.expr))
