"""Twins of aggregates and functions: one for each, and each gives what the examples say."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

import pytest

from featdsl.aggregates.registry import aggregates as in_sql
from featdsl.functions.registry import functions as functions_in_sql
from featdsl.ir import expr as ir
from featdsl.reference.aggregates.registry import aggregates
from featdsl.reference.calls import called
from featdsl.reference.expressions import evaluate
from featdsl.reference.functions.registry import functions
from featdsl.reference.values import given
from featdsl.text.span import Span
from featdsl.types.dtype import Kind

AS_OF = datetime(2024, 3, 1, 12)
HOUR = timedelta(hours=1)
NOWHERE = Span("", 0, 0)
AGGREGATES = [
    pytest.param(a, e, id=f"{a.name}-{i}")
    for a in in_sql().values()
    for i, e in enumerate(a.examples)
]
FUNCTIONS = [
    pytest.param(f, e, id=f"{f.name}-{i}")
    for f in functions_in_sql().values()
    for i, e in enumerate(f.examples)
]


def same(actual, expected, dtype) -> bool:
    expected = given(expected, dtype)
    if isinstance(expected, tuple) and isinstance(actual, tuple):
        items = zip(actual, expected, strict=True)
        return len(actual) == len(expected) and all(same(a, e, dtype.items[0]) for a, e in items)
    if isinstance(expected, float) and isinstance(actual, float):
        return math.isclose(actual, expected, rel_tol=1e-12, abs_tol=1e-15)
    return type(actual) is type(expected) and repr(actual) == repr(expected)


def test_each_aggregate_has_a_twin_and_each_twin_an_aggregate():
    assert aggregates().keys() == in_sql().keys()


def test_each_function_has_a_twin_and_each_twin_a_function():
    assert functions().keys() == functions_in_sql().keys()


@pytest.mark.parametrize(("aggregate", "example"), AGGREGATES)
def test_an_example_of_an_aggregate_gives_its_result(aggregate, example):
    twin = aggregates()[aggregate.name]
    varying = [not p.constant for p in aggregate.parameters[: len(example.dtypes)]]
    n = sum(varying)
    assert varying == [True] * n + [False] * (len(varying) - n)
    rows = [
        tuple(given(v, d) for v, d in zip(row, example.dtypes, strict=False))
        for row in example.rows
    ]
    times = [AS_OF - (len(rows) - i) * HOUR for i in range(len(rows))]
    constants = [given(v, d) for v, d in zip(example.constants, example.dtypes[n:], strict=True)]

    value = called(twin, rows, times, constants, example.dtypes, AS_OF)

    assert same(value, example.result, aggregate.returns(example.dtypes)), (value, example.result)


@pytest.mark.parametrize(("aggregate", "example"), AGGREGATES)
def test_twins_know_which_arguments_are_of_the_rows(aggregate, example):
    rows = [p for p in aggregate.parameters if not p.constant]

    assert aggregates()[aggregate.name].varying >= len([p for p in rows if not p.optional])


class Nothing:
    """No row, no key: the as-of time alone."""

    as_of = AS_OF

    def __init__(self, timezone: str) -> None:
        self.timezone = timezone

    def read(self, node):
        raise AssertionError(node)


@pytest.mark.parametrize(("function", "example"), FUNCTIONS)
def test_an_example_of_a_function_gives_its_result(function, example):
    args = tuple(
        ir.Param(dtype=d, span=NOWHERE, name="x", default=None, value=v)
        for v, d in zip(example.args, example.dtypes, strict=True)
    )
    dtype = function.returns(example.dtypes)
    call = ir.Call(dtype=dtype, span=NOWHERE, function=function.name, args=args)

    value = evaluate(call, Nothing(example.timezone))

    assert same(value, example.result, dtype), (value, example.result)


@pytest.mark.parametrize("name", functions_in_sql())
def test_null_safe_functions_are_those_that_say_so(name):
    assert functions()[name].null_safe == functions_in_sql()[name].null_safe


def test_every_result_has_a_kind_that_python_holds():
    kinds = {a.returns(e.dtypes).kind for a in in_sql().values() for e in a.examples}

    assert Kind.ERROR not in kinds
