"""Vectors in SQL: lists of float64."""

from __future__ import annotations

from sqlglot import exp

from featdsl.sql import build


def dot(a: exp.Expr, b: exp.Expr) -> exp.Expr:
    """The sum of products of two lists that are as long as each other and hold no null."""
    product = exp.Mul(this=_at(1), expression=_at(2))
    pairs = build.func("list_zip", a, b)
    products = build.for_each("list_transform", pairs, "z", product)
    return build.coalesce(build.func("list_sum", products), build.cast_float(build.number(0)))


def both_whole(a: exp.Expr, b: exp.Expr) -> exp.Expr:
    """Whether two lists are as long as each other and hold no null."""
    size = build.func("len", a)
    conditions = [
        exp.EQ(this=size, expression=build.func("len", b)),
        *(exp.EQ(this=build.func("list_count", x.copy()), expression=size.copy()) for x in (a, b)),
    ]
    found = build.all_of(conditions)
    assert found is not None
    return found


def _at(i: int) -> exp.Expr:
    return build.func("struct_extract_at", build.it("z"), build.number(i))
